import { Inject, Injectable } from '@nestjs/common';
import type { PresenceNode, PresenceState } from '../heartbeat.presence.interfaces.js';
import { LeaseRenewal } from './lease.renewal.js';
import { PresenceClock } from './presence.clock.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import type { PresenceNodeState } from './presence.store.js';

/** What other modules show of presence. Asks the store for nothing. */
@Injectable()
export class PresenceStatus implements PresenceState {
  readonly node: string;

  constructor(
    @Inject(PRESENCE_OPTIONS) { id }: ResolvedPresenceOptions,
    private readonly renewal: LeaseRenewal,
    private readonly clock: PresenceClock,
  ) {
    this.node = id;
  }

  get state(): 'current' | 'stale' {
    return this.renewal.state;
  }

  get nodes(): PresenceNode[] {
    const { nodes, at } = this.renewal.newest;
    return describeNodes(nodes, this.node, this.clock.now() - at);
  }
}

/** The nodes that hold a lease, `age` ms after their states were read. */
export function describeNodes(
  nodes: readonly PresenceNodeState[],
  self: string,
  age = 0,
): PresenceNode[] {
  return nodes
    .filter(({ leaseLeft }) => leaseLeft > age)
    .map(({ id, draining, keys, leaseLeft }) => {
      return { id, self: id === self, draining, keys, leaseLeft: leaseLeft - age };
    });
}

import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { StartContext } from '../connections/start.context.js';
import { ClientCloser } from './client.closer.js';
import { LeaseRenewal } from './lease.renewal.js';
import { LocalPresence } from './local.presence.js';
import type { CheckedCloseFrame } from './presence.arguments.js';
import { PresenceClock } from './presence.clock.js';
import { PresenceUnavailableError } from './presence.errors.js';
import type { PresenceDisconnectReport } from './presence.interfaces.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import type { PresenceOrder } from './presence.store.js';
import { StoreCommands } from './store.commands.js';

/** An order of this node whose acknowledgements are awaited. */
class AwaitedOrder {
  private readonly closedBy = new Map<string, number>();
  private missing: Set<string> | undefined;
  private resolve: (() => void) | undefined;

  acknowledge(node: string, closed: number): void {
    if (this.closedBy.has(node)) return;
    this.closedBy.set(node, closed);
    this.missing?.delete(node);
    if (this.missing?.size === 0) this.resolve?.();
  }

  /** Waits for these nodes. Some may have answered already. */
  async wait(
    nodes: readonly string[],
    within: number,
    clock: PresenceClock,
  ): Promise<PresenceDisconnectReport> {
    const missing = new Set(nodes.filter((node) => !this.closedBy.has(node)));
    this.missing = missing;
    if (missing.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(resolve, within);
        this.resolve = () => {
          clock.clear(timer);
          resolve();
        };
      });
    }
    const closed = [...this.closedBy.values()].reduce((sum, count) => sum + count, 0);
    return { closed, pending: [...missing] };
  }
}

/** Closes the clients of a key on all nodes, and carries out what other nodes order. */
@Injectable()
export class DisconnectOrders {
  private readonly awaited = new Map<string, AwaitedOrder>();

  constructor(
    @Inject(PRESENCE_OPTIONS) private readonly options: ResolvedPresenceOptions,
    private readonly local: LocalPresence,
    private readonly closer: ClientCloser,
    private readonly renewal: LeaseRenewal,
    private readonly commands: StoreCommands,
    private readonly context: StartContext,
    private readonly clock: PresenceClock,
  ) {}

  /** Closes the clients of a key that are tracked now. */
  async give(
    topic: string,
    key: string,
    frame: CheckedCloseFrame,
  ): Promise<PresenceDisconnectReport> {
    const end = this.clock.now() + this.options.deadline;
    const own = this.local.find(topic, key)?.upTo(Infinity) ?? [];
    const order = { id: randomUUID(), from: this.options.id, topic, key, ...frame };
    const awaited = new AwaitedOrder();
    this.awaited.set(order.id, awaited);
    try {
      const holders = await this.store(order, end);
      const still = own.filter((tracked) => tracked.entry.has(tracked));
      awaited.acknowledge(this.options.id, this.closer.close(still, frame));
      return await this.context.run(() =>
        awaited.wait(holders, end - this.clock.now(), this.clock),
      );
    } finally {
      this.awaited.delete(order.id);
    }
  }

  /** Carries out orders of other nodes. One that comes twice closes nothing more. */
  carryOut(orders: readonly PresenceOrder[]): void {
    for (const { id, from, topic, key, code, reason, upTo = 0 } of orders) {
      // This node closed its own clients when it gave the order.
      if (from === this.options.id) continue;
      const tracked = this.local.find(topic, key)?.upTo(upTo) ?? [];
      const closed = this.closer.close(tracked, { code, reason });
      this.commands
        .run((session) => session.acknowledge(from, id, closed), { isOwn: true })
        .catch(() => {});
    }
  }

  onAcknowledged(order: string, node: string, closed: number): void {
    this.awaited.get(order)?.acknowledge(node, closed);
  }

  /** Stores an order that is not valid after the deadline of its call. Returns the nodes that hold the key. */
  private async store(order: PresenceOrder, end: number): Promise<readonly string[]> {
    const now = this.clock.now();
    const storeNow = this.renewal.record.storeNow(now);
    if (storeNow === undefined) {
      throw new PresenceUnavailableError(
        'No renewal of this node has succeeded for a whole lease.',
      );
    }
    const validUntil = storeNow + (end - now);
    return this.commands.run((session) => session.order(order, validUntil));
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { EvictionCause } from '../heartbeat.interfaces.js';
import type { ResolvedHeartbeatOptions } from '../heartbeat.options.js';

/** Selects closed connections. */
export interface HistoryFilter {
  /** The name of a gateway, or of a watched server. */
  readonly gateway?: string | undefined;
  readonly cause?: EvictionCause | undefined;
  readonly by?: ClosedBy | undefined;
  readonly limit?: number | undefined;
}

/** Remembers the last closed connections, in a ring. */
@Injectable()
export class ConnectionHistory {
  private readonly ring: ClosedConnection[] = [];
  private readonly capacity: number;
  /** Where the next one is stored. */
  private end = 0;

  constructor(@Inject(HEARTBEAT_OPTIONS) { history }: Pick<ResolvedHeartbeatOptions, 'history'>) {
    this.capacity = history;
  }

  add(closed: ClosedConnection): void {
    if (this.capacity === 0) return;
    this.ring[this.end] = closed;
    this.end = (this.end + 1) % this.capacity;
  }

  /** The newest first. */
  select({ gateway, cause, by, limit = Infinity }: HistoryFilter): ClosedConnection[] {
    const selected: ClosedConnection[] = [];
    const { length } = this.ring;
    for (let back = 1; back <= length && selected.length < limit; back++) {
      const closed = this.ring[(this.end - back + length) % length] as ClosedConnection;
      if (gateway !== undefined && !closed.gateways.includes(gateway)) continue;
      if (cause !== undefined && closed.cause !== cause) continue;
      if (by !== undefined && closed.by !== by) continue;
      selected.push(closed);
    }
    return selected;
  }
}

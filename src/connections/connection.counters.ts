import { Injectable } from '@nestjs/common';
import type { RecordState } from '../detector/connection.record.js';
import type { ClosedBy } from '../heartbeat.history.interfaces.js';
import type { Eviction, EvictionCause } from '../heartbeat.interfaces.js';
import type { MonitoredServer } from '../transport/monitored.server.js';

/** The clients of one server by state. */
export type StateCounts = Record<RecordState, number>;

/** Running counts, so that a snapshot costs the same however many clients there are. */
@Injectable()
export class ConnectionCounters {
  readonly closedBy: Record<ClosedBy, number> = {
    server: 0,
    client: 0,
    application: 0,
    network: 0,
  };
  readonly evicted = noEvictions();
  /** Evictions that were only reported, under `dryRun`. */
  readonly dryRun = noEvictions();
  private connectedCount = 0;
  private disconnectedCount = 0;
  private readonly servers = new WeakMap<MonitoredServer, StateCounts>();

  /** The number of connections so far. */
  get connected(): number {
    return this.connectedCount;
  }

  /** The number of connections that closed. */
  get disconnected(): number {
    return this.disconnectedCount;
  }

  /** The clients of a server by state. */
  statesOf(server: MonitoredServer): StateCounts {
    let counts = this.servers.get(server);
    if (counts === undefined) {
      counts = { alive: 0, suspect: 0, evicted: 0 };
      this.servers.set(server, counts);
    }
    return counts;
  }

  onConnected(server: MonitoredServer): void {
    this.connectedCount++;
    this.statesOf(server).alive++;
  }

  /** A client of a server changed its state. */
  onState(server: MonitoredServer, before: RecordState, after: RecordState): void {
    const counts = this.statesOf(server);
    counts[before]--;
    counts[after]++;
  }

  /** A client of a server is no longer tracked. */
  onReleased(server: MonitoredServer, state: RecordState): void {
    this.statesOf(server)[state]--;
  }

  onClosed(by: ClosedBy): void {
    this.disconnectedCount++;
    this.closedBy[by]++;
  }

  onEviction({ cause, dryRun }: Eviction): void {
    if (dryRun) this.dryRun[cause]++;
    else this.evicted[cause]++;
  }
}

function noEvictions(): Record<EvictionCause, number> {
  return {
    unresponsive: 0,
    idle: 0,
    expired: 0,
    unadmitted: 0,
    flooding: 0,
    'slow-consumer': 0,
    drain: 0,
    requested: 0,
  };
}

import { ConnectionCounters } from '../connections/connection.counters.js';
import { RoundTripBuckets } from '../connections/round-trip.buckets.js';
import type { ClosedBy } from '../heartbeat.history.interfaces.js';
import type { Eviction, Liveness } from '../heartbeat.interfaces.js';
import { HeartbeatPolicy } from '../heartbeat.options.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';

/** What `snapshot()` of a stub counts. */
export class StubCounts {
  private readonly counters = new ConnectionCounters();
  private readonly roundTrips = new RoundTripBuckets();
  private connected = 0;

  onConnected({ rtt }: Liveness): void {
    this.connected++;
    if (rtt !== undefined) this.roundTrips.add(rtt.last);
  }

  onEviction(eviction: Eviction): void {
    this.counters.onEviction(eviction);
  }

  onClosed(by: ClosedBy): void {
    this.counters.onClosed(by);
  }

  /** All clients belong to one server, whose gateways are those of the clients. */
  snapshot(clients: readonly Liveness[], draining: boolean): HeartbeatSnapshot {
    const { closedBy, disconnected, dryRun, evicted } = this.counters;
    const gateways = [...new Set(clients.flatMap((client) => client.gateways))].toSorted();
    const count = (state: Liveness['state']) =>
      clients.filter((client) => client.state === state).length;
    return Object.freeze({
      at: Date.now(),
      tick: 100,
      loopDelay: 0,
      lastTickAt: Date.now(),
      draining,
      totals: Object.freeze({
        connected: this.connected,
        disconnected,
        closedBy: Object.freeze({ ...closedBy }),
        pings: 0,
        suppressed: 0,
        stalls: 0,
        stalledFor: 0,
        evicted: Object.freeze({ ...evicted }),
        dryRun: Object.freeze({ ...dryRun }),
      }),
      roundTrips: this.roundTrips.snapshot(),
      servers: Object.freeze([
        Object.freeze({
          name: gateways.join('+'),
          gateways,
          policy: new HeartbeatPolicy(),
          alive: count('alive'),
          suspect: count('suspect'),
          evicted: count('evicted'),
        }),
      ]),
    });
  }
}

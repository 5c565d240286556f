import type { ClosedBy } from './heartbeat.history.interfaces.js';
import type { EvictionCause } from './heartbeat.interfaces.js';
import type { HeartbeatPolicy } from './heartbeat.options.js';

/**
 * Counts since the application started.
 *
 * @publicApi
 */
export interface HeartbeatTotals {
  /** Connections made. */
  readonly connected: number;
  /** Connections that closed. */
  readonly disconnected: number;
  /** The same by the side that closed them. */
  readonly closedBy: Readonly<Record<ClosedBy, number>>;
  /** Ping frames sent. */
  readonly pings: number;
  /** Pings that were skipped because there was recent traffic in both directions. */
  readonly suppressed: number;
  /** Stalls of the event loop. */
  readonly stalls: number;
  /** Their total duration, in ms. */
  readonly stalledFor: number;
  /** Evictions by cause, without those of dry runs. */
  readonly evicted: Readonly<Record<EvictionCause, number>>;
  /** Evictions that were only reported under `dryRun`, by cause. */
  readonly dryRun: Readonly<Record<EvictionCause, number>>;
}

/**
 * Round-trip times of all clients since the application started, in fixed buckets.
 *
 * @publicApi
 */
export interface RoundTripBuckets {
  /** The upper limit of each bucket but the last, in ms. The last one has none. */
  readonly upTo: readonly number[];
  /** The number of round trips in each bucket, one more than `upTo` has entries. */
  readonly counts: readonly number[];
  /** The sum of all round trips, in ms. */
  readonly sum: number;
}

/**
 * The clients of one server, counted by state. Gateways with the same port and path share a server.
 *
 * @publicApi
 */
export interface ServerSnapshot {
  /**
   * The names of its gateway classes, sorted and joined by `+`, or the `name` that `watch()` was given. A second
   * server of the same name has `-2` at the end.
   */
  readonly name: string;
  /** Names of the gateways that share the server; for a watched server, its name. */
  readonly gateways: readonly string[];
  /** The resolved options of the server. */
  readonly policy: HeartbeatPolicy;
  /** Clients that are neither suspect nor evicted. */
  readonly alive: number;
  /** Clients that are suspect. */
  readonly suspect: number;
  /** Clients that the module is closing. */
  readonly evicted: number;
}

/**
 * The state of the whole module, for health checks and metrics.
 *
 * @publicApi
 */
export interface HeartbeatSnapshot {
  /** Time of the snapshot, epoch ms. */
  readonly at: number;
  /** Time between two ticks, in ms. */
  readonly tick: number;
  /** The delay of the last tick, in ms. */
  readonly loopDelay: number;
  /** Time of the last tick, epoch ms; before the first tick, the time of the start; 0 before that. */
  readonly lastTickAt: number;
  /** Whether a drain has started. */
  readonly draining: boolean;
  /** Counts since the start. */
  readonly totals: HeartbeatTotals;
  /** Round-trip times since the start. */
  readonly roundTrips: RoundTripBuckets;
  /** All monitored servers: those of gateways and watched ones. A client counts once. */
  readonly servers: readonly ServerSnapshot[];
}

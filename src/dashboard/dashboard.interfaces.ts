import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { Eviction, EvictionCause, Liveness } from '../heartbeat.interfaces.js';
import type { PresenceNode } from '../heartbeat.presence.interfaces.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';

/**
 * What happened in one minute.
 *
 * @publicApi
 */
export interface DashboardMinute {
  /** Begin of the minute, epoch ms. */
  readonly at: number;
  /** Open connections at its end; of the current minute, now. */
  readonly open: number;
  /** Suspect clients among them. */
  readonly suspect: number;
  /** Connections made. */
  readonly opened: number;
  /** Connections that closed, by the side that closed them. */
  readonly closedBy: Readonly<Record<ClosedBy, number>>;
  /** Evictions by cause, without those of dry runs. */
  readonly evicted: Readonly<Record<EvictionCause, number>>;
  /** Stalls of the event loop. */
  readonly stalls: number;
  /** Their total duration, in ms. */
  readonly stalledFor: number;
  /** The median and the 95th percentile of the round-trip times, in ms; `null` without any. */
  readonly rtt: {
    /** The median, in ms. */
    readonly p50: number;
    /** The 95th percentile, in ms. */
    readonly p95: number;
  } | null;
}

/**
 * Connections by the age at which they ended.
 *
 * @publicApi
 */
export interface ClosingAgeCounts {
  /** The upper limit of each bucket but the last, in ms. The last one has none. */
  readonly upTo: readonly number[];
  /** The number of connections in each bucket, one more than `upTo` has entries. */
  readonly counts: readonly number[];
}

/**
 * The answer of `data/overview`. It is made at the same cost for any number of clients.
 *
 * @publicApi
 */
export interface DashboardOverview {
  /** Time of the answer, epoch ms. */
  readonly at: number;
  /** The application that answered. */
  readonly instance: {
    /** Unique: the node where `PresenceModule` is imported, else the host name and a random suffix. */
    readonly id: string;
    /** When it started, epoch ms. */
    readonly startedAt: number;
  };
  /** The version of this package. */
  readonly version: string;
  /** The state of the whole module. */
  readonly snapshot: HeartbeatSnapshot;
  /** The last 60 minutes and the current one, the oldest first. */
  readonly minutes: readonly DashboardMinute[];
  /** Whether the routes of the actions exist. */
  readonly actions: boolean;
  /** The running instances, where `PresenceModule` is imported, as its last renewal found them. */
  readonly instances?: readonly PresenceNode[];
  /** The ages, in ms, at which the connections of the last hour ended. */
  readonly ages: ClosingAgeCounts;
}

/**
 * A client in the answer of `data/clients`: its liveness without the objects of the server.
 *
 * @publicApi
 */
export type DashboardClient = Omit<Liveness, 'client' | 'eviction' | 'remoteAddress'> & {
  /** The remote address, as the option `addresses` shows it. */
  readonly remoteAddress?: string;
  /** Ms since the connection was made. */
  readonly age: number;
  /** Why the module closes it; absent if it does not. */
  readonly eviction?: Omit<Eviction, 'liveness'>;
};

/** A closed connection in the answer of `data/history`. */
export type DashboardClosedConnection = ClosedConnection & {
  /** What ended it, in one sentence. */
  readonly why: string;
};

/** The answer of `data/clients` and `data/history`. */
export interface DashboardTable<Row> {
  /** Time of the answer, epoch ms. */
  readonly at: number;
  /** All there are. */
  readonly total: number;
  /** Those that fit the filters. */
  readonly matched: number;
  /** The first of these, at most `limit`. */
  readonly rows: readonly Row[];
}

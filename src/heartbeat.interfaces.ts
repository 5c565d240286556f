import type { WebSocket } from 'ws';
import type { HeartbeatPolicy } from './heartbeat.options.js';

/**
 * The state of a client. `suspect`: silent for half way between `interval` and `timeout`; it still counts
 * as alive. `evicted`: the module is closing it. `closed`: the connection has ended.
 *
 * @publicApi
 */
export type LivenessState = 'alive' | 'suspect' | 'evicted' | 'closed';

/**
 * Round-trip times of one client, in ms, smoothed as in RFC 6298, section 2. Only answers to pings of
 * ours with an unpredictable payload count, and none that was under way while this process stalled.
 *
 * @publicApi
 */
export interface RoundTripTimes {
  /** The newest. */
  readonly last: number;
  /** Smoothed over about eight of them. */
  readonly smoothed: number;
  /** Mean deviation from the smoothed one. */
  readonly variation: number;
  /** The smallest so far. */
  readonly min: number;
}

/**
 * What is known of one client at the moment of the call: a frozen snapshot.
 *
 * @publicApi
 */
export interface Liveness {
  /** Names the connection, unpredictably. */
  readonly id: string;
  /** The application's name for the client, given to `admit()`; absent where it gave none. */
  readonly label?: string;
  /** The client, as gateways get it. */
  readonly client: WebSocket;
  /** Names of the gateways that share the connection; of a watched server, its name. */
  readonly gateways: readonly string[];
  /** The state of the client. */
  readonly state: LivenessState;
  /** When it connected, epoch ms. */
  readonly connectedAt: number;
  /** Its address, as the socket tells it. */
  readonly remoteAddress: string | undefined;
  /** Ms since the last sign of life, in time during which this process listened. */
  readonly silence: number;
  /** Ms since the last message of any kind, in time during which this process listened. */
  readonly applicationSilence: number;
  /** Ms since the last application message, in time during which this process listened. */
  readonly idle: number;
  /** Bytes that wait to be sent to it. */
  readonly bufferedBytes: number;
  /** The `interval` that holds for it now, in ms: shorter than that of its gateway where it was changed or requested. */
  readonly interval: number;
  /** The `timeout` that holds for it now, in ms. */
  readonly timeout: number;
  /** Whether the application admitted it. */
  readonly admitted: boolean;
  /** Whether it is not judged for now: paused by the service, or its raw socket is paused. */
  readonly paused: boolean;
  /** Round-trip times; `undefined` before the first. */
  readonly rtt: RoundTripTimes | undefined;
  /** Why the module closes it, or closed it; absent where it did not. */
  readonly eviction?: Eviction;
}

/**
 * Why a client is closed: dead; idle; older than `maxLifetime`; never admitted; over the limits; too
 * slow to take what is sent; we shut down; the application asked.
 *
 * @publicApi
 */
export type EvictionCause =
  | 'unresponsive'
  | 'idle'
  | 'expired'
  | 'unadmitted'
  | 'flooding'
  | 'slow-consumer'
  | 'drain'
  | 'requested';

/**
 * Why and how a client was closed.
 *
 * @publicApi
 */
export interface Eviction {
  /** Why. */
  readonly cause: EvictionCause;
  /**
   * What was silent, for the cause `'unresponsive'`: `'transport'`, the connection, or `'application'`, only the
   * application, on a connection that works. Absent for other causes.
   */
  readonly level?: 'transport' | 'application';
  /** The close code as sent; 1006 where the connection was terminated without one. */
  readonly code: number;
  /** The close reason as sent: cut to the 123 bytes that RFC 6455, section 5.5 leaves. */
  readonly reason: string;
  /** What was known of the client when this was decided; `state` is the one before the eviction. */
  readonly liveness: Liveness;
  /** Bytes that waited to be sent to it. */
  readonly bufferedBytes: number;
  /** By how many ms the last tick of this process was late. */
  readonly loopDelay: number;
  /** True under `dryRun`: nothing was closed. */
  readonly dryRun: boolean;
}

/**
 * What happens to connections, as `LivenessService.events$` tells it.
 *
 * @publicApi
 */
export type HeartbeatEvent = {
  /** When it happened, epoch ms. */
  readonly at: number;
} & (
  | {
      /** A client connected, became silent, or was heard again. */
      readonly type: 'connected' | 'suspect' | 'recovered';
      /** The client. */
      readonly client: WebSocket;
      /** What is known of it. */
      readonly liveness: Liveness;
    }
  | {
      /** A client is about to be closed by us, or would be, under `dryRun`. */
      readonly type: 'evicted';
      /** The client. */
      readonly client: WebSocket;
      /** Why and how. */
      readonly eviction: Eviction;
    }
  | {
      /** A connection closed: exactly once for each that did. */
      readonly type: 'disconnected';
      /** The client. */
      readonly client: WebSocket;
      /** Its last state, which `get()` returns from now on. */
      readonly liveness: Liveness;
      /** The close code that `ws` reports. */
      readonly code: number;
      /** The close reason that `ws` reports: text from outside, escape it. */
      readonly reason: string;
      /** Why we closed it, where we did. */
      readonly eviction?: Eviction;
    }
  | {
      /**
       * A connection that is open is no longer monitored, because `watch()` was undone or the application was
       * shut down.
       */
      readonly type: 'unwatched';
      /** The client. */
      readonly client: WebSocket;
      /** What was known of it. */
      readonly liveness: Liveness;
    }
  | {
      /** This process did not listen. */
      readonly type: 'stalled';
      /** For how many ms: from the tick before to the tick after. */
      readonly duration: number;
    }
  | {
      /** Clients begin to leave. */
      readonly type: 'draining';
      /** How many are there. */
      readonly clients: number;
      /** The window, in ms, over which they leave. */
      readonly within: number;
    }
);

/**
 * How a drain went.
 *
 * @publicApi
 */
export interface DrainReport {
  /** Clients that left after our close frame, or by themselves. */
  readonly closed: number;
  /** Clients that had to be terminated. */
  readonly terminated: number;
  /** How long it took, in ms. */
  readonly duration: number;
}

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
  /** Ping frames sent. */
  readonly pings: number;
  /** Intervals in which traffic in both directions made a ping needless. */
  readonly suppressed: number;
  /** Times this process did not listen. */
  readonly stalls: number;
  /** Evictions by cause, those under `dryRun` included. */
  readonly evicted: Readonly<Record<EvictionCause, number>>;
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
  /** Names of the gateways that share it; of a watched server, its name. */
  readonly gateways: readonly string[];
  /** The options that hold for its clients. */
  readonly policy: HeartbeatPolicy;
  /** Clients that are neither suspect nor evicted. */
  readonly alive: number;
  /** Clients that are suspect. */
  readonly suspect: number;
  /** Clients that are being closed. */
  readonly evicted: number;
}

/**
 * The whole module at one moment: for health checks and metrics.
 *
 * @publicApi
 */
export interface HeartbeatSnapshot {
  /** Epoch ms. */
  readonly at: number;
  /** Ms between two ticks. */
  readonly tick: number;
  /** By how many ms the last tick was late. */
  readonly loopDelay: number;
  /** When the last tick was, epoch ms; before the first, when the ticks started; 0 before that. */
  readonly lastTickAt: number;
  /** Whether shutdown has begun. */
  readonly draining: boolean;
  /** Counts since the start. */
  readonly totals: HeartbeatTotals;
  /** Every monitored server, those of gateways and those that are watched. A client counts once. */
  readonly servers: readonly ServerSnapshot[];
}

import type { WebSocket } from 'ws';

/**
 * The state of a client. `suspect`: silent for (`interval` + `timeout`) / 2 or longer; it still counts as alive.
 * `evicted`: the module is closing it. `closed`: the connection has ended.
 *
 * @publicApi
 */
export type LivenessState = 'alive' | 'suspect' | 'evicted' | 'closed';

/**
 * Round-trip times of one client, in ms, smoothed as in RFC 6298, section 2. Only answers to pings of this module with
 * an unpredictable payload count, and no ping that was in flight while this process stalled.
 *
 * @publicApi
 */
export interface RoundTripTimes {
  /** The newest round trip. */
  readonly last: number;
  /** Smoothed over about eight round trips. */
  readonly smoothed: number;
  /** Mean deviation from `smoothed`. */
  readonly variation: number;
  /** The smallest round trip so far. */
  readonly min: number;
}

/**
 * The liveness of one client: a frozen snapshot, made at the call.
 *
 * @publicApi
 */
export interface Liveness {
  /** Random connection ID. */
  readonly id: string;
  /** The application's name for the client, given to `admit()`; absent if none was given. */
  readonly label?: string;
  /** The client, the same object that gateways receive. */
  readonly client: WebSocket;
  /** Names of the gateways that share the connection; of a watched server, its name. */
  readonly gateways: readonly string[];
  /** The state of the client. */
  readonly state: LivenessState;
  /** Time of the connection, epoch ms. */
  readonly connectedAt: number;
  /** The remote address of its socket; `undefined` if the socket is not known. */
  readonly remoteAddress: string | undefined;
  /** Ms since the last sign of life, in stall-adjusted time: event-loop stalls do not count. */
  readonly silence: number;
  /** Ms since the last message of any kind, in stall-adjusted time: event-loop stalls do not count. */
  readonly applicationSilence: number;
  /** Ms since the last application message, in stall-adjusted time: event-loop stalls do not count. */
  readonly idle: number;
  /** Bytes that wait to be sent to the client. */
  readonly bufferedBytes: number;
  /** The current `interval` of this client, in ms. `update()` or the hello of the client may have changed it. */
  readonly interval: number;
  /** The current `timeout` of this client, in ms. */
  readonly timeout: number;
  /** Whether the application admitted the client with `admit()`. */
  readonly admitted: boolean;
  /** Whether checks are paused: by `LivenessService.pause()`, or because its raw socket is paused. */
  readonly paused: boolean;
  /** Round-trip times; `undefined` before the first. */
  readonly rtt: RoundTripTimes | undefined;
  /** Why the module closes or closed the client; absent if it did not. */
  readonly eviction?: Eviction;
}

/**
 * Why the module closes a client. `unresponsive`: no sign of life for `timeout`. `idle`: no application message for
 * `idleTimeout`. `expired`: older than `maxLifetime`. `unadmitted`: not admitted within `admissionTimeout`. `flooding`:
 * exceeded a rate limit. `slow-consumer`: exceeded the backlog limit. `drain`: shutdown or `drain()`. `requested`:
 * `disconnect()`.
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
  /** The cause. */
  readonly cause: EvictionCause;
  /**
   * For the cause `'unresponsive'`: `'transport'` if the connection was silent, `'application'` if only the application
   * was silent on a connection that works. Absent for other causes.
   */
  readonly level?: 'transport' | 'application';
  /** The close code as sent; 1006 if the connection was terminated without a close frame. */
  readonly code: number;
  /** The close reason as sent, cut to 123 bytes (RFC 6455, section 5.5). */
  readonly reason: string;
  /** The liveness of the client at the decision; `state` is the state before the eviction. */
  readonly liveness: Liveness;
  /** Bytes that waited to be sent to the client at the decision. */
  readonly bufferedBytes: number;
  /** The delay of the last tick of this process, in ms. */
  readonly loopDelay: number;
  /** Whether this is a dry run: the connection was not closed. */
  readonly dryRun: boolean;
}

/**
 * An event of `LivenessService.events$`.
 *
 * @publicApi
 */
export type HeartbeatEvent = {
  /** Time of the event, epoch ms. */
  readonly at: number;
} & (
  | {
      /** A client connected, became suspect, or recovered by a sign of life. */
      readonly type: 'connected' | 'suspect' | 'recovered';
      /** The client. */
      readonly client: WebSocket;
      /** Its liveness. */
      readonly liveness: Liveness;
    }
  | {
      /** The module is about to close a client, or only reports it under `dryRun`. */
      readonly type: 'evicted';
      /** The client. */
      readonly client: WebSocket;
      /** The cause, and how the client is closed. */
      readonly eviction: Eviction;
    }
  | {
      /** A connection closed. Emitted exactly once for each connection that closes. */
      readonly type: 'disconnected';
      /** The client. */
      readonly client: WebSocket;
      /** Its last state, which `get()` returns from now on. */
      readonly liveness: Liveness;
      /** The close code that `ws` reports. */
      readonly code: number;
      /** The close reason that `ws` reports: text from outside, escape it. */
      readonly reason: string;
      /** Why the module closed it; absent if it did not. */
      readonly eviction?: Eviction;
    }
  | {
      /**
       * An open connection is no longer monitored, because `watch()` was undone or the application has shut
       * down.
       */
      readonly type: 'unwatched';
      /** The client. */
      readonly client: WebSocket;
      /** Its last liveness. */
      readonly liveness: Liveness;
    }
  | {
      /** The event loop of this process stalled. */
      readonly type: 'stalled';
      /** The duration in ms, from the tick before the stall to the tick after it. */
      readonly duration: number;
    }
  | {
      /** A drain started. */
      readonly type: 'draining';
      /** The number of clients. */
      readonly clients: number;
      /** The window, in ms, over which they are closed. */
      readonly within: number;
    }
);

/**
 * The result of a drain.
 *
 * @publicApi
 */
export interface DrainReport {
  /** Clients that closed after a close frame of the module, or on their own initiative. */
  readonly closed: number;
  /** Clients that had to be terminated. */
  readonly terminated: number;
  /** The duration in ms. */
  readonly duration: number;
}

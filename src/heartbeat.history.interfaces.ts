import type { EvictionCause, RoundTripTimes } from './heartbeat.interfaces.js';

/**
 * The side that closed a connection. `server`: this module, for any cause but `requested`, or `ws` over a protocol error.
 * `application`: `disconnect()`, `client.close()` or `client.terminate()`. `client`: its close frame came before any of
 * ours. `network`: the stream ended without a close frame of either side.
 *
 * @publicApi
 */
export type ClosedBy = 'server' | 'client' | 'application' | 'network';

/**
 * A connection that closed, as `LivenessService.history()` remembers it: frozen plain data that survives JSON.
 * `label` and `reason` are text from outside: escape them.
 *
 * @publicApi
 */
export interface ClosedConnection {
  /** The connection ID, as in `Liveness`. */
  readonly id: string;
  /** The application's name for the client, given to `admit()`. */
  readonly label?: string;
  /** Names of the gateways that shared the connection; of a watched server, its name. */
  readonly gateways: readonly string[];
  /** The remote address; absent if the socket was not known. */
  readonly remoteAddress?: string;
  /** Time of the connection, epoch ms. */
  readonly connectedAt: number;
  /** Time of the close, epoch ms. */
  readonly closedAt: number;
  /** The side that closed it. */
  readonly by: ClosedBy;
  /** Why, if this module closed it, `disconnect()` included. */
  readonly cause?: EvictionCause;
  /** For the cause `'unresponsive'`: what was silent. */
  readonly level?: 'transport' | 'application';
  /** The close code of the side that closed first; 1006 without a close frame. */
  readonly code: number;
  /** The close reason of the side that closed first; empty without a close frame. */
  readonly reason: string;
  /** Ms since the last sign of life, at the decision for an eviction, else at the close. Also of the next four. */
  readonly silence: number;
  /** Ms since the last message of any kind. */
  readonly applicationSilence: number;
  /** Ms since the last application message. */
  readonly idle: number;
  /** Bytes that waited to be sent. */
  readonly bufferedBytes: number;
  /** The delay of the last tick of this process, in ms. */
  readonly loopDelay: number;
  /** The `timeout` that held for the client, in ms. */
  readonly timeout: number;
  /** Round-trip times; absent before the first. */
  readonly rtt?: RoundTripTimes;
}

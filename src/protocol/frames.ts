/*
 * What heartbeat messages say: the `data` of `{"event":"heartbeat","data":…}`. Times are ms, points in
 * time epoch ms. docs/PROTOCOL.md specifies them for clients in other languages.
 */

/** The version of the protocol that `hello` names. */
export const VERSION = 1;
/** A message that is longer than this, in bytes, is an application message. */
export const MAX_BYTES = 512;

/** The client opts in, and may request shorter times than those of the server. */
export interface ClientHello {
  readonly op: 'hello';
  readonly v: number;
  readonly interval?: number;
  readonly timeout?: number;
}

/** What holds for a client that said hello. */
export interface ServerHello {
  readonly op: 'hello';
  readonly v: number;
  readonly id: string;
  readonly interval: number;
  readonly timeout: number;
  readonly now: number;
}

/** The server asks; the client answers at once, from inside its message listener. */
export interface ServerPing {
  readonly op: 'ping';
  readonly id: string;
  readonly now: number;
  readonly rtt?: number;
}

/** The client's own probe. `at` is the client's business and comes back as it was. */
export interface ClientPing {
  readonly op: 'ping';
  readonly id: string;
  readonly at?: unknown;
}

/** The answer to a ping of the server. */
export interface ClientPong {
  readonly op: 'pong';
  readonly id: string;
}

/** The answer to a ping of the client. */
export interface ServerPong {
  readonly op: 'pong';
  readonly id: string;
  readonly at?: unknown;
  readonly now: number;
}

/** The answer to a bare heartbeat. */
export interface ServerAck {
  readonly op: 'ack';
  readonly now: number;
}

/** The client will be closed with 1012 between `after` and `after + within` ms from now. */
export interface ServerDrain {
  readonly op: 'drain';
  readonly after: number;
  readonly within: number;
  readonly reason: string;
}

/** A heartbeat without an `op`: all that a client without a companion needs. */
export interface BareHeartbeat {
  readonly op: 'beat';
}

export type ClientFrame = BareHeartbeat | ClientHello | ClientPing | ClientPong;
export type ServerFrame = ServerHello | ServerPing | ServerPong | ServerAck | ServerDrain;

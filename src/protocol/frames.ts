/*
 * Frames: the `data` of heartbeat messages, `{"event":"heartbeat","data":…}`. Durations are in milliseconds, points in
 * time in epoch milliseconds. docs/PROTOCOL.md is the specification.
 */

/** Version of the protocol, as `hello` carries it. */
export const VERSION = 1;
/** Maximum length of a heartbeat message, bytes. A longer message is an application message. */
export const MAX_BYTES = 512;

/** Opts in to pings by message. May request shorter times than those of the server. */
export interface ClientHello {
  readonly op: 'hello';
  readonly v: number;
  readonly interval?: number;
  readonly timeout?: number;
}

/** Answer to `hello`: the granted times. */
export interface ServerHello {
  readonly op: 'hello';
  readonly v: number;
  readonly id: string;
  readonly interval: number;
  readonly timeout: number;
  readonly now: number;
}

/** Ping of the server. The client answers at once, inside its message listener. */
export interface ServerPing {
  readonly op: 'ping';
  readonly id: string;
  readonly now: number;
  readonly rtt?: number;
}

/** Ping of the client. The server returns `at` unchanged. */
export interface ClientPing {
  readonly op: 'ping';
  readonly id: string;
  readonly at?: unknown;
}

/** Answer to a ping of the server. */
export interface ClientPong {
  readonly op: 'pong';
  readonly id: string;
}

/** Answer to a ping of the client. */
export interface ServerPong {
  readonly op: 'pong';
  readonly id: string;
  readonly at?: unknown;
  readonly now: number;
}

/** Answer to a bare heartbeat. */
export interface ServerAck {
  readonly op: 'ack';
  readonly now: number;
}

/** Announces that the server closes the connection with 1012 between `after` and `after + within` ms from now. */
export interface ServerDrain {
  readonly op: 'drain';
  readonly after: number;
  readonly within: number;
  readonly reason: string;
}

/** A heartbeat without an `op`, as a client without a library can send it. */
export interface BareHeartbeat {
  readonly op: 'beat';
}

export type ClientFrame = BareHeartbeat | ClientHello | ClientPing | ClientPong;
export type ServerFrame = ServerHello | ServerPing | ServerPong | ServerAck | ServerDrain;

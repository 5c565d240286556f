/**
 * Options of `withHeartbeat()`. Times are in milliseconds.
 *
 * @publicApi
 */
export interface WithHeartbeatOptions {
  /** The reserved event, as the server sets it with its option `event`. Default: `'heartbeat'`. */
  readonly event?: string;
  /**
   * Whether to send `hello` when the connection opens. Without it the client sends no message of its own and behaves
   * like a plain WebSocket. Set `false` for servers that close the connection on unknown messages. Default: `true`.
   */
  readonly hello?: boolean;
  /**
   * Time after which a server that has not answered `hello` counts as one without heartbeats, ms: then `probe()`
   * rejects with `HEARTBEAT_UNAVAILABLE`. Default: 10 000.
   */
  readonly helloTimeout?: number;
  /**
   * How long the answer to a probe may take, ms. Default: 5 000.
   *
   * The client also pings the server after page and network events, such as `online` or `resume`. If no message arrives
   * within this time, the server is dead. For these pings the time grows together with `timeout`.
   */
  readonly probeTimeout?: number;
  /**
   * Whether to close the connection with code 4410 when the page is frozen or enters the back/forward cache, so that the
   * server learns it at once. Default: `true` once the server has answered `hello`, else `false`. A value that is set
   * applies to every server.
   */
  readonly closeOnFreeze?: boolean;
  /**
   * The requested interval, ms: the server pings after this time without traffic in either direction. The server grants
   * it if it is shorter than its own interval and not below its `negotiation.minInterval`. Default: no request.
   */
  readonly interval?: number;
  /**
   * The requested timeout, ms: a side that has received nothing for this time considers the other side dead. The server
   * grants it if it is shorter than its own timeout and not below its `negotiation.minTimeout`. Default: no request.
   *
   * The client applies the granted timeout to the server. A WebSocket reports a message only when all of it has arrived,
   * so a single message that takes longer than the timeout is indistinguishable from a dead server. If the closing
   * handshake of that connection still completes, the server was alive. The client then doubles its timeout, up to four
   * times the granted one, for all sockets of the same class or the same `connect()`. The server is not notified and
   * keeps its own timeout. After ten intervals without a dead server the client applies the granted timeout again.
   */
  readonly timeout?: number;
}

/**
 * State of the server, as the client sees it. `plain`: the server has not answered `hello`. `alive`: messages arrive.
 * `suspect`: no message for (`interval` + `timeout`) / 2, and a ping is pending. `dead`: no answer to that ping, or the
 * connection is closed.
 *
 * @publicApi
 */
export type HeartbeatState = 'plain' | 'alive' | 'suspect' | 'dead';

/**
 * Heartbeat state of a socket.
 *
 * @publicApi
 */
export interface ClientHeartbeat {
  /** State of the server. */
  readonly state: HeartbeatState;
  /** The server's id of this connection. `undefined` until the server has answered `hello`. */
  readonly id: string | undefined;
  /** The last known round trip, ms. */
  readonly rtt: number | undefined;
  /** Offset of the server's clock, ms. Positive if it is ahead of the client's clock. */
  readonly offset: number | undefined;
  /** Time since the last message of the server, ms. */
  readonly silence: number;
  /** The server's current time, epoch milliseconds. The client's own time while the offset is unknown. */
  serverNow(): number;
}

/**
 * A heartbeat message arrived that updates the round trip and the clock offset: a `hello`, a ping or a pong.
 *
 * @publicApi
 */
export interface HeartbeatBeatEvent {
  /** Name of the event. */
  readonly type: 'heartbeat:beat';
  /** The last known round trip, ms. */
  readonly rtt: number | undefined;
  /** Offset of the server's clock, ms. Positive if it is ahead of the client's clock. */
  readonly offset: number | undefined;
}

/**
 * The server is suspect or dead. After `heartbeat:dead` the socket dispatches `close` at once.
 *
 * @publicApi
 */
export interface HeartbeatSilenceEvent {
  /** Name of the event. */
  readonly type: 'heartbeat:suspect' | 'heartbeat:dead';
  /** Time since the last message of the server, ms. */
  readonly silence: number;
}

/**
 * The server is draining. It closes this connection with code 1012 between `after` and `after + within` ms from now.
 *
 * @publicApi
 */
export interface HeartbeatDrainEvent {
  /** Name of the event. */
  readonly type: 'heartbeat:drain';
  /** Earliest time of the close, ms from now. */
  readonly after: number;
  /** Length of the period in which the close follows, ms. */
  readonly within: number;
  /** Reason, such as `'restart'`. */
  readonly reason: string;
}

/**
 * The events that the socket dispatches in addition to those of a WebSocket.
 *
 * @publicApi
 */
export interface HeartbeatSocketEventMap {
  /** The round trip and the clock offset are updated. */
  'heartbeat:beat': HeartbeatBeatEvent;
  /** The server is suspect. */
  'heartbeat:suspect': HeartbeatSilenceEvent;
  /** The server is dead. */
  'heartbeat:dead': HeartbeatSilenceEvent;
  /** The server is draining. */
  'heartbeat:drain': HeartbeatDrainEvent;
}

/**
 * The members that `withHeartbeat()` adds to a WebSocket.
 *
 * @publicApi
 */
export interface HeartbeatSocket {
  /** Heartbeat state of the socket. */
  readonly heartbeat: ClientHeartbeat;
  /**
   * Measures the round trip to the server, ms. Probes join the pending ping of the socket, if there is one. The next
   * ping is sent at least 250 ms after the last one, so that probes stay within the limits of the server.
   *
   * Rejects with an error that has a `code`: `HEARTBEAT_PROBE_TIMEOUT` if no answer arrives in time or the connection
   * closes first, `HEARTBEAT_UNAVAILABLE` if the socket is not open or the server does not support heartbeats.
   *
   * @param timeout how long the answer may take, ms. Default: the option `probeTimeout`
   */
  probe(timeout?: number): Promise<number>;
  /** Adds a listener for a heartbeat event. */
  addEventListener<Type extends keyof HeartbeatSocketEventMap>(
    type: Type,
    listener: (event: HeartbeatSocketEventMap[Type]) => void,
    options?: boolean | { readonly once?: boolean },
  ): void;
}

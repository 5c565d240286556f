/**
 * What `withHeartbeat()` may be told. Times are milliseconds.
 *
 * @publicApi
 */
export interface WithHeartbeatOptions {
  /** The reserved event, as the server has it. Default: `'heartbeat'`. */
  readonly event?: string;
  /**
   * Whether to say hello. Without, the client never sends a message of its own and stays a plain
   * WebSocket: for servers that close on messages that they do not know. Default: `true`.
   */
  readonly hello?: boolean;
  /** A server that has not answered hello after so long does not know us. Default: 10 000. */
  readonly helloTimeout?: number;
  /**
   * How long the answer to a probe may take, ms. After page events, where a missing answer means that the server is dead,
   * it grows together with the timeout. Default: 5 000.
   */
  readonly probeTimeout?: number;
  /**
   * Whether to close with 4410 when the page is frozen or cached, so that the server knows at once.
   * Default: `true` once the server answered hello; set explicitly, it holds for every server.
   */
  readonly closeOnFreeze?: boolean;
  /** A wish: to be pinged after so long a silence. The server grants what is shorter than its own. */
  readonly interval?: number;
  /**
   * A wish: to be taken for dead after so long a silence. The server grants what is shorter than its own.
   *
   * The client judges the server by the timeout that the server grants. A WebSocket shows no part of a message before
   * all of it has arrived, so one message that takes longer than the timeout looks like a dead server. If the closing
   * handshake of that connection still completes, the server was alive: then the client doubles the timeout by which
   * it judges, up to four times the granted one, for all sockets of the same class, or of the same `connect()`. The
   * server is not told, and judges by what it granted. After ten intervals without a death the timeout is as granted.
   */
  readonly timeout?: number;
}

/**
 * `plain`: the server did not answer hello, or not yet. `alive`: it was heard in time. `suspect`: it is
 * silent, and was asked. `dead`: it did not answer, or the connection is closed.
 *
 * @publicApi
 */
export type HeartbeatState = 'plain' | 'alive' | 'suspect' | 'dead';

/**
 * What a client knows of its server.
 *
 * @publicApi
 */
export interface ClientHeartbeat {
  /** How it stands. */
  readonly state: HeartbeatState;
  /** The server's name of this connection. */
  readonly id: string | undefined;
  /** The last round trip, ms. */
  readonly rtt: number | undefined;
  /** How far the server's clock is ahead of this one, ms. */
  readonly offset: number | undefined;
  /** Since the last message of the server, ms. */
  readonly silence: number;
  /** The server's time, epoch ms; ours, as long as its offset is unknown. */
  serverNow(): number;
}

/**
 * The server was heard: a ping of its own, or the answer to one of ours.
 *
 * @publicApi
 */
export interface HeartbeatBeatEvent {
  /** The name of the event. */
  readonly type: 'heartbeat:beat';
  /** The last round trip, ms. */
  readonly rtt: number | undefined;
  /** How far the server's clock is ahead of this one, ms. */
  readonly offset: number | undefined;
}

/**
 * The server is silent and was asked, or did not answer and is taken for dead: `close` follows at once.
 *
 * @publicApi
 */
export interface HeartbeatSilenceEvent {
  /** The name of the event. */
  readonly type: 'heartbeat:suspect' | 'heartbeat:dead';
  /** Since the last message of the server, ms. */
  readonly silence: number;
}

/**
 * The server will close this connection with 1012 between `after` and `after + within` ms from now.
 *
 * @publicApi
 */
export interface HeartbeatDrainEvent {
  /** The name of the event. */
  readonly type: 'heartbeat:drain';
  /** Not before, ms from now. */
  readonly after: number;
  /** How long the window is, ms. */
  readonly within: number;
  /** Why. */
  readonly reason: string;
}

/**
 * The events that a socket dispatches besides its own.
 *
 * @publicApi
 */
export interface HeartbeatSocketEventMap {
  /** The server was heard. */
  'heartbeat:beat': HeartbeatBeatEvent;
  /** The server is silent. */
  'heartbeat:suspect': HeartbeatSilenceEvent;
  /** The server is taken for dead. */
  'heartbeat:dead': HeartbeatSilenceEvent;
  /** The server is about to leave. */
  'heartbeat:drain': HeartbeatDrainEvent;
}

/**
 * What `withHeartbeat()` adds to a WebSocket.
 *
 * @publicApi
 */
export interface HeartbeatSocket {
  /** What is known of the server. */
  readonly heartbeat: ClientHeartbeat;
  /**
   * Asks the server for a sign of life. Returns the round trip in ms. At most one ping of a socket is in flight: probes
   * join it. The next ping is sent at least 250 ms later, so that probes stay within the limits of the server.
   *
   * Rejects with an error whose `code` is `HEARTBEAT_PROBE_TIMEOUT` if no answer came within
   * `timeout` (default: `probeTimeout`), and `HEARTBEAT_UNAVAILABLE` if there is nobody to ask: the
   * socket is not open, or the server does not know heartbeats.
   */
  probe(timeout?: number): Promise<number>;
  /** Listens to what the heartbeat finds. */
  addEventListener<Type extends keyof HeartbeatSocketEventMap>(
    type: Type,
    listener: (event: HeartbeatSocketEventMap[Type]) => void,
    options?: boolean | { readonly once?: boolean },
  ): void;
}

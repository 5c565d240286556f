import type {
  HeartbeatBeatEvent,
  HeartbeatDrainEvent,
  WithHeartbeatOptions,
} from '../heartbeat.socket.js';
import type { WebSocketConstructor } from '../web-socket.js';

/**
 * The URL of the server, or a function that returns it. The function is called before every attempt, for example to
 * add a fresh token. If it throws or rejects, the attempt has failed.
 *
 * @publicApi
 */
export type ConnectUrl = string | (() => string | Promise<string>);

/**
 * Options of `connect()`. Times are in milliseconds.
 *
 * @publicApi
 */
export interface ConnectOptions extends WithHeartbeatOptions {
  /** Subprotocols, as in the constructor of a WebSocket. Default: none. */
  readonly protocols?: string | string[];
  /** The WebSocket class. Node 20 has no global one: pass that of `undici`. Default: the global class. */
  readonly WebSocket?: WebSocketConstructor;
  /**
   * Limit of the first delay, ms. A delay is random between 0 and its limit. The limit doubles with each further
   * attempt. Default: 1 000.
   */
  readonly baseDelay?: number;
  /** Upper bound of the limit, ms. Default: 30 000. */
  readonly maxDelay?: number;
  /** A connection that stays open for this time counts as stable: the next delay is a first one, ms. Default: 5 000. */
  readonly stableAfter?: number;
  /**
   * An attempt that is not open after this time has failed, ms. The time of the URL function is included; a URL that it
   * returns later is ignored. Default: 10 000.
   */
  readonly connectTimeout?: number;
  /**
   * Whether a close code ends the connection permanently. Default: 1000 (normal closure); 1002, 1003, 1007, 1008, 1010,
   * 3000 and 3003 (the server would refuse the next attempt as well); and 4411 (another client, such as a second tab,
   * took over the session). Source of the first: RFC 6455, section 7.4.1, and the IANA registry of close codes.
   */
  readonly isTerminal?: (code: number) => boolean;
  /** Maximum number of messages that are buffered while there is no connection. More are dropped. Default: 1 000. */
  readonly maxBuffered?: number;
}

/**
 * Status of a connection. `connecting`: an attempt is in progress. `open`: connected. `waiting`: the next attempt
 * follows after a delay. `closed`: ended by `close()` or a terminal close code; `reconnectNow()` opens it again.
 *
 * @publicApi
 */
export type ConnectionStatus = 'connecting' | 'open' | 'waiting' | 'closed';

/**
 * The end of a connection, or of an attempt.
 *
 * @publicApi
 */
export interface ConnectionEnd {
  /** Close code. 1006 if no close frame arrived. */
  readonly code: number;
  /** Reason of the close frame, or a description of the failure. */
  readonly reason: string;
}

/**
 * The next attempt.
 *
 * @publicApi
 */
export interface ConnectionRetry {
  /** Number of the attempt since the last stable connection, from 1. */
  readonly attempt: number;
  /** Delay before the attempt, ms. `Infinity`: it starts when the page is back, or there is a message to send. */
  readonly delay: number;
}

/**
 * Events of a connection, by name.
 *
 * @publicApi
 */
export interface LiveConnectionEvents {
  /** The connection is open, and the buffered messages are sent. */
  up: Record<string, never>;
  /** An open connection is lost. */
  down: ConnectionEnd;
  /** Another attempt follows. */
  retry: ConnectionRetry;
  /** The connection is closed permanently. */
  ended: ConnectionEnd;
  /** The server is draining and will close the connection. */
  drain: HeartbeatDrainEvent;
  /** The round trip and the clock offset are updated. */
  beat: HeartbeatBeatEvent;
}

/**
 * The part of a WebSocket that is the same for all connections.
 *
 * @publicApi
 */
export interface LiveSocket {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** URL of the last attempt. */
  readonly url: string;
  /** Subprotocol that the server selected. */
  readonly protocol: string;
  /** Bytes that are not sent yet, buffered messages included. */
  readonly bufferedAmount: number;
  /** Type of the data of binary messages: `'blob'` or `'arraybuffer'`. */
  binaryType: string;
  /** Adds a listener for messages of the application. Heartbeat messages are not dispatched to it. */
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Adds a listener for `open` and `close` of each connection. */
  addEventListener(type: string, listener: (event: object) => void): void;
  /** Removes a listener. */
  removeEventListener(type: string, listener: (event: never) => void): void;
}

/**
 * A connection that reconnects.
 *
 * @publicApi
 */
export interface LiveConnection {
  /** Receives the messages. The object is the same for all connections. */
  readonly socket: LiveSocket;
  /** Status of the connection. */
  readonly status: ConnectionStatus;
  /** Adds a listener for an event. Returns a function that removes it. */
  on<Name extends keyof LiveConnectionEvents>(
    name: Name,
    listener: (event: LiveConnectionEvents[Name]) => void,
  ): () => void;
  /** Sends a message, or buffers it until the connection is open. A closed connection drops messages. */
  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void;
  /**
   * Measures the round trip to the server, ms. Joins the pending ping, and rejects as `HeartbeatSocket.probe()` does.
   */
  probe(): Promise<number>;
  /** Starts a new attempt in any status: it ends a delay, abandons an attempt, or replaces an open connection. */
  reconnectNow(): void;
  /**
   * Closes the connection permanently, in any status.
   *
   * @param code the close code. Default: 1000
   * @param reason the reason, at most 123 bytes. Default: empty
   * @throws what `WebSocket.close()` throws for an invalid code or reason, if there is a socket. It stays open then.
   */
  close(code?: number, reason?: string): void;
}

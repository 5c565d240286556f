import type {
  HeartbeatBeatEvent,
  HeartbeatDrainEvent,
  WithHeartbeatOptions,
} from '../heartbeat.socket.js';
import type { WebSocketConstructor } from '../web-socket.js';

/**
 * Where to connect: a URL, or what makes one before every attempt. An attempt whose URL cannot be made has failed.
 *
 * @publicApi
 */
export type ConnectUrl = string | (() => string | Promise<string>);

/**
 * What `connect()` may be told. Times are milliseconds.
 *
 * @publicApi
 */
export interface ConnectOptions extends WithHeartbeatOptions {
  /** The subprotocols, as for a WebSocket. */
  readonly protocols?: string | string[];
  /** The WebSocket class. Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
  /** The first delay is random between 0 and this, ms; the limit doubles with each further one. Default: 1 000. */
  readonly baseDelay?: number;
  /** The longest delay, ms. Default: 30 000. */
  readonly maxDelay?: number;
  /** A connection that was open for so long has proven itself: the next wait is a first one. Default: 5 000. */
  readonly stableAfter?: number;
  /**
   * An attempt that is not open after so many ms has failed. This includes the time that the URL provider takes; a URL
   * that it returns later is ignored. Default: 10 000.
   */
  readonly connectTimeout?: number;
  /**
   * Whether a close code ends the connection for good. Default: 1000, 1002, 1003, 1007, 1008, 1010, 3000, 3003 (a goodbye,
   * or a refusal that another attempt would meet again) and 4411 (another client, such as a second tab, took the session
   * over).
   */
  readonly isTerminal?: (code: number) => boolean;
  /** How many messages wait for a connection; further ones are dropped. Default: 1 000. */
  readonly maxBuffered?: number;
}

/**
 * `connecting`: an attempt is under way. `open`: connected. `waiting`: for the next attempt. `closed`: by
 * `close()` or for good; only `reconnectNow()` begins anew.
 *
 * @publicApi
 */
export type ConnectionStatus = 'connecting' | 'open' | 'waiting' | 'closed';

/**
 * How a connection, or an attempt to make one, came to its end.
 *
 * @publicApi
 */
export interface ConnectionEnd {
  /** The close code; 1006 where there was no close frame. */
  readonly code: number;
  /** The reason that came with it. */
  readonly reason: string;
}

/**
 * The next attempt.
 *
 * @publicApi
 */
export interface ConnectionRetry {
  /** Counts from 1 since the last connection that was open for `stableAfter`. */
  readonly attempt: number;
  /** In how many ms; `Infinity`: when the page is back, or there is something to send. */
  readonly delay: number;
}

/**
 * What a live connection tells, by name.
 *
 * @publicApi
 */
export interface LiveConnectionEvents {
  /** Connected; what was buffered is sent. */
  up: Record<string, never>;
  /** An open connection is lost. */
  down: ConnectionEnd;
  /** There will be another attempt. */
  retry: ConnectionRetry;
  /** There is no next attempt. */
  ended: ConnectionEnd;
  /** The server is about to leave. */
  drain: HeartbeatDrainEvent;
  /** The server was heard. */
  beat: HeartbeatBeatEvent;
}

/**
 * What of a WebSocket stays the same across connections.
 *
 * @publicApi
 */
export interface LiveSocket {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** The URL of the last attempt. */
  readonly url: string;
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** Bytes that are not sent yet, buffered messages included. */
  readonly bufferedAmount: number;
  /** How binary messages are handed over. */
  binaryType: string;
  /** Listens to messages of the application. */
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Listens to `open` and `close`, of each connection. */
  addEventListener(type: string, listener: (event: object) => void): void;
  /** Listens no longer. */
  removeEventListener(type: string, listener: (event: never) => void): void;
}

/**
 * A connection that comes back.
 *
 * @publicApi
 */
export interface LiveConnection {
  /** Where messages arrive: the same object for all connections. */
  readonly socket: LiveSocket;
  /** How it stands. */
  readonly status: ConnectionStatus;
  /** Listens. Returns what ends it. */
  on<Name extends keyof LiveConnectionEvents>(
    name: Name,
    listener: (event: LiveConnectionEvents[Name]) => void,
  ): () => void;
  /** Sends, now or when connected. After `close()` messages are dropped. */
  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void;
  /**
   * Asks the server for a sign of life. Returns the round trip in ms; joins the ping in flight and rejects as
   * `HeartbeatSocket.probe()` does.
   */
  probe(): Promise<number>;
  /** Connects anew in any state: ends a wait, gives up an attempt and replaces an open connection. */
  reconnectNow(): void;
  /** Closes for good, in any state. */
  close(code?: number, reason?: string): void;
}

/*
 * The little that the client needs of a WebSocket class, written down here so that its types need
 * neither the DOM library nor those of a package.
 */

/**
 * What every WebSocket has: that of browsers, of undici and of Node since 22.
 *
 * @publicApi
 */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Sends a text message. */
  send(data: string): void;
  /** Closes the connection. */
  close(code?: number, reason?: string): void;
  /** Adds a listener. */
  addEventListener(type: string, listener: (event: object) => void): void;
  /** Dispatches an event, here: to all listeners of its type. */
  dispatchEvent(event: object): boolean;
}

/**
 * A WebSocket class.
 *
 * @publicApi
 */
// A mixin takes whatever its base takes: the compiler wants exactly `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
export type WebSocketConstructor<Socket = WebSocketLike> = new (...args: any[]) => Socket;

/** The event of a message, or of a close, as far as we look. */
export interface MessageLike {
  readonly data: unknown;
  readonly wasClean?: boolean;
  stopImmediatePropagation(): void;
}

/** Values of `readyState`. */
export const OPEN = 1;
export const CLOSED = 3;

/** Throws a TypeError where a class does not dispatch events as browsers do; that of the `ws` package does not. */
export function checkClass(WebSocket: WebSocketConstructor | undefined): void {
  if ((WebSocket?.prototype as WebSocketLike | undefined)?.dispatchEvent) return;
  throw Object.assign(
    new TypeError('Pass the WebSocket class of a browser, Node 22 or undici, not ws'),
    { code: 'HEARTBEAT_WEBSOCKET' },
  );
}

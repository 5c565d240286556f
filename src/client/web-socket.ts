/*
 * The members of a WebSocket class that the client uses. They are declared here, so that the client's types need
 * neither the DOM library nor the types of a package.
 */

/**
 * A WebSocket as browsers, undici and Node 22 and later have it.
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
  /** Dispatches an event to the listeners of its type. */
  dispatchEvent(event: object): boolean;
}

/**
 * A WebSocket class.
 *
 * @publicApi
 */
// TypeScript requires the constructor of a mixin's base class to take exactly `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
export type WebSocketConstructor<Socket = WebSocketLike> = new (...args: any[]) => Socket;

/** The properties of message and close events that the client uses. */
export interface SocketEvent {
  readonly data: unknown;
  readonly wasClean?: boolean;
  stopImmediatePropagation(): void;
}

/** Values of `readyState`. */
export const OPEN = 1;
export const CLOSED = 3;

/** Throws a TypeError unless the class has `dispatchEvent()`, which the class of the `ws` package has not. */
export function checkClass(WebSocket: WebSocketConstructor | undefined): void {
  if ((WebSocket?.prototype as WebSocketLike | undefined)?.dispatchEvent) return;
  throw Object.assign(
    new TypeError('Pass the WebSocket class of a browser, Node 22 or undici, not ws'),
    { code: 'HEARTBEAT_WEBSOCKET' },
  );
}

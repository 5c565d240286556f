import type { WebSocket, WebSocketServer } from 'ws';

/** The side that began to close a connection, and its close frame. */
export interface CloseOrigin {
  /** `protocol`: `ws` itself, over a protocol error of the client. */
  readonly by: 'application' | 'client' | 'protocol';
  /** The code of the close frame; 1005 for one without a code, 1006 without a frame (RFC 6455, section 7.4.1). */
  readonly code: number;
  readonly reason: string;
}

/** The arguments of `close()`; none of `terminate()`. */
export type CloseCall = readonly [code?: number, reason?: string | Buffer] | undefined;

const NO_STATUS = 1005;
const ABNORMAL = 1006;

/**
 * Reports the first `close()` or `terminate()` of each client that a server accepts from now on. `ws` emits no event
 * when a connection begins to close, but its option `WebSocket` is the class of the clients, which may be a subclass.
 * Returns a function that undoes it.
 */
export function watchCloses(
  { options }: WebSocketServer,
  onClose: (client: WebSocket, call: CloseCall) => void,
): () => void {
  const original = options?.WebSocket;
  if (typeof original !== 'function') return () => {};
  class WatchedWebSocket extends original {
    override close(...call: [code?: number, reason?: string | Buffer]): void {
      const { readyState } = this;
      super.close(...call);
      if (readyState === this.OPEN && this.readyState !== readyState) onClose(this, call);
    }

    override terminate(): void {
      const { readyState } = this;
      super.terminate();
      if (readyState === this.OPEN && this.readyState !== readyState) onClose(this, undefined);
    }
  }
  // The name in logs stays that of the application's class.
  Object.defineProperty(WatchedWebSocket, 'name', { value: original.name });
  options.WebSocket = WatchedWebSocket;
  return () => {
    if (options.WebSocket === WatchedWebSocket) options.WebSocket = original;
  };
}

/**
 * The side that a call comes from.
 *
 * @param isReading whether `ws` still reads from the socket. It stops before it answers the close frame of the client,
 * with the same code and reason, and before it closes over a protocol error, with a code alone.
 */
export function originOf(call: CloseCall, isReading: boolean): CloseOrigin {
  if (call === undefined) return { by: 'application', code: ABNORMAL, reason: '' };
  const [code = NO_STATUS, reason = ''] = call;
  const frame = { code, reason: reason.toString() };
  if (isReading) return { by: 'application', ...frame };
  return { by: call.length === 1 ? 'protocol' : 'client', ...frame };
}

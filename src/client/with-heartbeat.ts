import type { ClientHeartbeat, HeartbeatSocket, WithHeartbeatOptions } from './heartbeat.socket.js';
import { HeartbeatSession } from './heartbeat.session.js';
import { CLOSED, type WebSocketConstructor } from './web-socket.js';

/** Ends a socket at once, with a code of our choice. For `connect()`. */
export const END = Symbol('end');

/** What a socket shows to the rest of the client. */
export interface EndableSocket {
  [END](code: number, reason: string, sent?: number): void;
}

/**
 * A subclass of a WebSocket class that keeps a heartbeat with a server that has `nestjs-heartbeat`, hides it
 * from the application and notices when the server is gone: then `close` is dispatched at once, with
 * code 1006, instead of after a minute. With any other server it is a plain WebSocket.
 *
 * @param Base the WebSocket of browsers, of undici, or of Node since 22
 * @publicApi
 */
export function withHeartbeat<Base extends WebSocketConstructor>(
  Base: Base,
  options: WithHeartbeatOptions = {},
): WebSocketConstructor<HeartbeatSocket> & Base {
  class HeartbeatWebSocket extends Base implements EndableSocket {
    readonly #session: HeartbeatSession;

    // A mixin takes whatever its base takes: the compiler wants exactly `any[]`.
    // oxlint-disable-next-line typescript/no-explicit-any
    constructor(...args: any[]) {
      super(...args);
      this.#session = new HeartbeatSession(
        this,
        {
          readyState: () => super.readyState,
          send: (text) => super.send(text),
          close: (code, reason) => super.close(code, reason),
        },
        options,
      );
    }

    get heartbeat(): ClientHeartbeat {
      return this.#session;
    }

    override get readyState(): number {
      return this.#session.isOver ? CLOSED : super.readyState;
    }

    probe(timeout?: number): Promise<number> {
      return this.#session.probe(timeout);
    }

    [END](code: number, reason: string, sent?: number): void {
      this.#session.end(code, reason, sent);
    }
  }
  return HeartbeatWebSocket as WebSocketConstructor<HeartbeatSocket> & Base;
}

import { createAdaptiveTimeout } from './adaptive.timeout.js';
import { startSession, type HeartbeatSession } from './heartbeat.session.js';
import type { HeartbeatSocket, WithHeartbeatOptions } from './heartbeat.socket.js';
import { checkClass, type WebSocketConstructor, type WebSocketLike } from './web-socket.js';

/**
 * Returns a subclass of a WebSocket class that exchanges heartbeat messages with a server that uses
 * `nestjs-heartbeat`. Heartbeat messages are not dispatched to the application's listeners. When the server is dead,
 * `close` is dispatched at once with code 1006; without this, Chromium needs up to 60 s after `close()`.
 *
 * With any other server the subclass sends one `hello` message and then behaves like `Base`. Set `hello: false` for
 * servers that reject unknown messages.
 *
 * @param Base the WebSocket class of browsers, of undici, or of Node 22 and later
 * @throws TypeError with the code `HEARTBEAT_WEBSOCKET` if the class has no `dispatchEvent()`, such as that of `ws`
 * @publicApi
 */
export function withHeartbeat<Base extends WebSocketConstructor>(
  Base: Base,
  options: WithHeartbeatOptions = {},
): WebSocketConstructor<HeartbeatSocket> & Base {
  checkClass(Base);
  const adaptive = createAdaptiveTimeout();
  class HeartbeatWebSocket extends Base {
    readonly heartbeat: HeartbeatSession = startSession(
      this,
      options,
      adaptive,
      Base.prototype as WebSocketLike,
    );

    probe(timeout?: number): Promise<number> {
      return this.heartbeat.probe(timeout);
    }
  }
  return HeartbeatWebSocket as WebSocketConstructor<HeartbeatSocket> & Base;
}

import { adaptTimeout } from './adaptive.timeout.js';
import { startSession, type HeartbeatSession } from './heartbeat.session.js';
import type { HeartbeatSocket, WithHeartbeatOptions } from './heartbeat.socket.js';
import { checkClass, type WebSocketConstructor, type WebSocketLike } from './web-socket.js';

/**
 * A subclass of a WebSocket class that keeps a heartbeat with a server that has `nestjs-heartbeat`, hides it
 * from the application and notices when the server is gone: then `close` is dispatched at once, with
 * code 1006, instead of after a minute. With any other server it is a plain WebSocket.
 *
 * @param Base the WebSocket of browsers, of undici, or of Node since 22
 * @throws TypeError with the code `HEARTBEAT_WEBSOCKET` for a class that does not dispatch events, such as that of `ws`
 * @publicApi
 */
export function withHeartbeat<Base extends WebSocketConstructor>(
  Base: Base,
  options: WithHeartbeatOptions = {},
): WebSocketConstructor<HeartbeatSocket> & Base {
  checkClass(Base);
  const adaptive = adaptTimeout();
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

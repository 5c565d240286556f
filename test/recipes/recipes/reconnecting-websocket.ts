import { withHeartbeat } from 'nestjs-heartbeat/client';
import ReconnectingWebSocket from 'reconnecting-websocket';

export function openChat(url: string, shortestWait = 1_000 + Math.random() * 4_000) {
  return new ReconnectingWebSocket(url, [], {
    WebSocket: withHeartbeat(WebSocket),
    minReconnectionDelay: shortestWait,
  });
}

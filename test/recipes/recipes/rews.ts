import { ReconnectingWebSocket } from '@nktkas/rews';
import { withHeartbeat } from 'nestjs-heartbeat/client';

globalThis.WebSocket = withHeartbeat(WebSocket);

export function openChat(url: string, longestWait = 10_000) {
  return new ReconnectingWebSocket(url, {
    reconnectionDelay: () => Math.random() * longestWait,
    shouldReconnect: ({ code }) => ![1000, 1008, 3000].includes(code),
  });
}

import { withHeartbeat } from 'nestjs-heartbeat/client';
import { repeat, retry, timer } from 'rxjs';
import { webSocket } from 'rxjs/webSocket';

export function openChat(url: string, longestWait = 10_000) {
  const chat = webSocket<unknown>({ url, WebSocketCtor: withHeartbeat(WebSocket) });
  const delay = () => timer(Math.random() * longestWait);
  const messages = chat.pipe(retry({ delay }), repeat({ delay }));
  return { messages, send: (message: object) => chat.next(message) };
}

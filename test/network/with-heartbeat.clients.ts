// Clients that use withHeartbeat(), and so detect a dead server.
//
// url, name, count: `count` clients connect to `url` under the names `name`-0, `name`-1 …
import { EventEmitter, once } from 'node:events';
import { withHeartbeat } from 'nestjs-heartbeat/client';
import { WebSocket, type CloseEvent } from 'undici';
import type { End } from './lab.js';
import { answer, settings } from '../support/programs/answers.mjs';

/** The end of a connection. `after`: time since the last heartbeat message, ms. */
export interface ClientEnd extends End {
  readonly after: number;
}

const HeartbeatSocket = withHeartbeat(WebSocket);
const changes = new EventEmitter();
const { url, name, count } = settings as { url: string; name: string; count: number };

const ends: ClientEnd[] = [];

async function connect(number: number): Promise<void> {
  const socket = new HeartbeatSocket(`${url}/?name=${name}-${number}`);
  let lastMessageAt = NaN;
  socket.addEventListener('heartbeat:beat', () => (lastMessageAt = performance.now()));
  socket.addEventListener('close', ({ code }: CloseEvent) => {
    const at = performance.now();
    ends.push({ code, at, after: at - lastMessageAt });
    changes.emit('close');
  });
  await new Promise((resolve) => socket.addEventListener('heartbeat:beat', resolve));
}

await Promise.all(Array.from({ length: count }, (_, number) => connect(number)));

answer({
  ends: () => ends,
  untilClosed: async (all: number) => {
    while (ends.length < all) await once(changes, 'close');
  },
});

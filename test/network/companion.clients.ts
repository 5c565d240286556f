// Clients that judge the server themselves.
//
// url, name, count: clients 0 to `count` connect to `url` and say that they are `name`-0, `name`-1 …
import { EventEmitter, once } from 'node:events';
import { withHeartbeat } from 'nestjs-heartbeat/client';
import { WebSocket, type CloseEvent } from 'undici';
import type { End } from './lab.js';
import { answer, settings } from '../support/programs/answers.mjs';

/** How a connection ended: `after` so many ms in which nothing was heard. */
export interface CompanionEnd extends End {
  readonly after: number;
}

const HeartbeatSocket = withHeartbeat(WebSocket);
const changes = new EventEmitter();
const { url, name, count } = settings as { url: string; name: string; count: number };

const ends: CompanionEnd[] = [];

async function connect(number: number): Promise<void> {
  const socket = new HeartbeatSocket(`${url}/?name=${name}-${number}`);
  let heardAt = NaN;
  socket.addEventListener('heartbeat:beat', () => (heardAt = performance.now()));
  socket.addEventListener('close', ({ code }: CloseEvent) => {
    const at = performance.now();
    ends.push({ code, at, after: at - heardAt });
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

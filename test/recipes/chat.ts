import { afterEach, expect } from '@jest/globals';
import { WebSocket } from 'undici';
import { startGuarded, type GuardedApp } from '../support/guarded.js';
import { Path } from '../support/path.js';
import { ChatGateway } from './recipes/chat.gateway.js';

// What recipes find where they run; VueUse connects in pages and workers only. To be imported before them.
const Worker = { [Symbol.hasInstance]: () => true };
Object.assign(globalThis, { WebSocket, WorkerGlobalScope: Worker });

const paths = new Set<Path>();

afterEach(async () => {
  await Promise.all([...paths].map((path) => path.close()));
  paths.clear();
});

/** The gateway of the recipes, and a way to it that can be cut. */
export async function startChat(): Promise<GuardedApp & { readonly path: Path }> {
  const guarded = await startGuarded([ChatGateway], { interval: 300, timeout: 900 });
  const path = await Path.to(`${guarded.url}/chat`);
  paths.add(path);
  return { ...guarded, path };
}

/**
 * Waits for longer than `timeout`: until a client that answers ping frames and says nothing is found out.
 * Nobody else may have been closed by then.
 */
export async function outliveASilentClient({ connect, events }: GuardedApp): Promise<void> {
  const silent = await connect('/chat');
  expect(await silent.closed).toMatchObject({ code: 4408 });
  expect(events.of('evicted').map(({ client }) => client)).toEqual([silent.peer]);
  expect(events.of('connected')).toHaveLength(2);
}

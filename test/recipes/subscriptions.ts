import { expect } from '@jest/globals';
import type { LivenessService } from 'nestjs-heartbeat';
import { WebSocket as BrowserWebSocket } from 'undici';
import { WebSocket } from 'ws';
import { watchClient } from '../support/client.js';
import type { GuardedApp } from '../support/guarded.js';

// What recipes find where they run.
Object.assign(globalThis, { WebSocket: BrowserWebSocket });

/** Short, but long enough for a busy machine. */
export const TIMES = { interval: 300, timeout: 900 };

/** Waits until a client that does not answer ping frames is found dead. Nobody else may be. */
export async function outliveADeadClient(
  { events }: GuardedApp,
  url: string,
  protocol: string[] = [],
): Promise<void> {
  const connected = events.next('connected');
  const dead = watchClient(new WebSocket(url, protocol, { autoPong: false }));
  const { client } = await connected;
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(events.of('evicted').map((event) => event.client)).toEqual([client]);
  expect(events.of('connected')).toHaveLength(2);
}

/** Waits until a client says something that contains a text. */
export function nextHeard(liveness: LivenessService, text: string): Promise<void> {
  return new Promise((resolve) => {
    for (const { client } of liveness.clients()) {
      client.on('message', (data: Buffer) => data.toString().includes(text) && resolve());
    }
  });
}

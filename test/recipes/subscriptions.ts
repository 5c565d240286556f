import { expect } from '@jest/globals';
import type { LivenessService } from 'nestjs-heartbeat';
import { WebSocket as BrowserWebSocket } from 'undici';
import { WebSocket } from 'ws';
import { watchClient } from '../support/client.js';
import type { GuardedApp } from '../support/monitored.js';

// What recipes find where they run.
Object.assign(globalThis, { WebSocket: BrowserWebSocket });

/** Short, but long enough for a busy machine. */
export const TIMES = { interval: 300, timeout: 900 };

/**
 * Waits for much longer than `timeout`: until two clients, one after the other, that do not answer ping frames
 * are found dead. Nobody else may have been closed by then, or have come back.
 */
export async function outliveDeadClients(
  { events }: GuardedApp,
  url: string,
  protocol: string[] = [],
): Promise<void> {
  const dead = [];
  for (let count = 0; count < 2; count++) {
    const connected = events.next('connected');
    const client = watchClient(new WebSocket(url, protocol, { autoPong: false }));
    dead.push((await connected).client);
    expect(await client.closed).toMatchObject({ code: 1006 });
  }
  expect(events.of('evicted').map(({ client }) => client)).toEqual(dead);
  expect(events.of('connected')).toHaveLength(3);
}

/** Waits until a client says something that contains a text. */
export function nextHeard(liveness: LivenessService, text: string): Promise<void> {
  return new Promise((resolve) => {
    for (const { client } of liveness.clients()) {
      client.on('message', (data: Buffer) => data.toString().includes(text) && resolve());
    }
  });
}

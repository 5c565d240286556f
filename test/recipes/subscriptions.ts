import { expect } from '@jest/globals';
import type { LivenessService } from 'nestjs-heartbeat';
import { openClient } from 'nestjs-heartbeat/testing';
import { WebSocket } from 'undici';
import type { MonitoredApp } from '../support/monitored.js';

// The globals that the recipes need.
Object.assign(globalThis, { WebSocket });

/** Short times that are long enough for a loaded machine. */
export const TIMES = { interval: 300, timeout: 900 };

/**
 * Waits for much longer than `timeout`: until two successive clients that do not answer ping frames are
 * evicted. Expects that no other client was closed or has reconnected by then.
 */
export async function outliveDeadClients(
  { events }: MonitoredApp,
  url: string,
  protocol: string[] = [],
): Promise<void> {
  const dead = [];
  for (let count = 0; count < 2; count++) {
    const connected = events.next('connected');
    const client = await openClient(url, { protocols: protocol, answersPings: false });
    dead.push((await connected).client);
    expect(await client.closed).toMatchObject({ code: 1006 });
  }
  expect(events.of('evicted').map(({ client }) => client)).toEqual(dead);
  expect(events.of('connected')).toHaveLength(3);
}

/** Waits until a client sends a message that contains the text. */
export function nextMessage(liveness: LivenessService, text: string): Promise<void> {
  return new Promise((resolve) => {
    for (const { client } of liveness.clients()) {
      client.on('message', (data: Buffer) => data.toString().includes(text) && resolve());
    }
  });
}

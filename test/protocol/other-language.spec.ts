import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { startApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { ProtocolClient } from './protocol.client.js';

const INTERVAL = 400;
const TIMEOUT = 1_000;

test('a client that follows docs/PROTOCOL.md stays alive, measures round trips and handles a drain', async () => {
  const { app, url } = await startApp({
    imports: [
      HeartbeatModule.forRoot({
        interval: INTERVAL,
        timeout: TIMEOUT,
        liveness: 'application',
        drain: { within: 300 },
      }),
    ],
    providers: [ChatGateway],
  });
  const liveness = app.get(LivenessService);
  const client = new ProtocolClient(`${url}/chat`);
  await once(client.changes, 'hello');
  const connected = performance.now();
  const [{ id, client: peer } = { id: '', client: undefined as never }] = [...liveness.clients()];
  expect(client.granted).toMatchObject({ id, interval: INTERVAL, timeout: TIMEOUT });

  while (client.pings < 6) await once(client.changes, 'ping');
  expect(performance.now() - connected).toBeGreaterThan(2 * TIMEOUT);
  expect(liveness.isAlive(peer)).toBe(true);
  expect(liveness.get(peer)?.rtt?.last).toBeGreaterThan(0);

  client.probe();
  await once(client.changes, 'pong');
  // The client measures whole milliseconds.
  expect(client.rtt).toBeGreaterThanOrEqual(0);
  expect(client.rtt).toBeLessThan(TIMEOUT);
  // Client and server use the same clock.
  expect(Math.abs(client.offset)).toBeLessThanOrEqual(client.rtt + 2);

  const returned = once(client.changes, 'return') as Promise<[number]>;
  const [[after]] = await Promise.all([returned, app.close()]);
  expect(client.announced).toMatchObject({ op: 'drain', after: 0, reason: 'restart' });
  expect(after).toBe(0);
});

test('that client has at most 40 lines and shares no code with the library', () => {
  const text = readFileSync(new URL('./protocol.client.ts', import.meta.url), 'utf8');
  const code = text.split('\n').filter((line) => line.trim() !== '');
  expect(code.length).toBeLessThanOrEqual(40);
  const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, source]) => source);
  expect(imports).toEqual(['node:events', 'ws']);
});

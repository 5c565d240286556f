import { once } from 'node:events';
import { afterEach, expect, jest, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import type { TestClient } from '../support/client.js';
import { startMonitored } from '../support/monitored.js';
import { connectAll, HELLO, received } from './drain.clients.js';

afterEach(() => void jest.restoreAllMocks());

test('clients that sent no hello get no drain message, only the close code 1012', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 100 } });
  const [client] = await connectAll(monitored, 1);
  const withoutHello = await connectAll(monitored, 2, false);
  await withoutHello[0]?.request('heartbeat');
  await monitored.close();
  expect((await client?.closed)?.code).toBe(1012);
  expect(received(client as TestClient, 'drain')).toHaveLength(1);
  for (const other of withoutHello) {
    expect((await other.closed).code).toBe(1012);
    expect(received(other, 'drain')).toEqual([]);
  }
});

test('a client that sends a hello during the drain receives the rest of the window', async () => {
  const within = 1_000;
  const monitored = await startMonitored([ChatGateway], { drain: { within } });
  const clients = await connectAll(monitored, 20, false);
  const draining = monitored.events.next('draining');
  const drained = monitored.liveness.drain();
  await draining;
  const last = clients.at(-1) as TestClient;
  await last.request('heartbeat', HELLO);
  if (received(last, 'drain').length === 0) await once(last.socket, 'message');
  const [announced] = received(last, 'drain');
  expect(announced).toEqual({
    op: 'drain',
    after: 0,
    within: expect.any(Number),
    reason: 'restart',
  });
  expect(announced?.within).toBeGreaterThan(0);
  expect(announced?.within).toBeLessThanOrEqual(within);
  expect((await last.closed).code).toBe(1012);
  await drained;
});

test('the end of a lifetime is announced to clients that sent a hello', async () => {
  // The close comes at a random time in the announced ten seconds. This value makes it early.
  jest.spyOn(Math, 'random').mockReturnValue(0.06);
  const monitored = await startMonitored([ChatGateway], { maxLifetime: 1_000 });
  const [client] = await connectAll(monitored, 1);
  const [other] = await connectAll(monitored, 1, false);
  const [data] = (await once((client as TestClient).socket, 'message')) as [Buffer];
  const announcedAt = performance.now();
  expect(JSON.parse(data.toString())).toEqual({
    event: 'heartbeat',
    data: { op: 'drain', after: 0, within: 10_000, reason: 'lifetime' },
  });
  const { code, reason, at } = await (client as TestClient).closed;
  expect({ code, reason }).toEqual({ code: 1012, reason: 'connection lifetime reached' });
  expect(at - announcedAt).toBeGreaterThan(400);
  expect(at - announcedAt).toBeLessThan(10_000);
  expect(received(client as TestClient, 'drain')).toHaveLength(1);
  expect((await other?.closed)?.code).toBe(1012);
  expect(received(other as TestClient, 'drain')).toEqual([]);
});

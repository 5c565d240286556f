import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child, killAll } from '../support/child.js';
import { connect } from '../support/client.js';
import { report } from '../support/report.js';
import { MIB, startServer } from './attack.js';

const CLIENTS = new URL('./churn.clients.mjs', import.meta.url);
const WAVES = 5;
/** Number of clients of a wave, for each way to disconnect: 10 000 connections and 1 000 aborted handshakes in all. */
const WAVE = { goodbye: 500, lost: 500, flooding: 500, dead: 500, aborted: 200 };
const LIMIT = 120_000;

type Objects = Record<string, number>;

let server: Child;
let clients: Child;
let before: Objects;

/** Counts until the numbers are as expected: pending operations may take a moment, but not three seconds. */
async function objects(expected: Objects): Promise<Objects> {
  let now = await server.request<Objects>('objects');
  for (const end = performance.now() + 3_000; performance.now() < end; await delay(200)) {
    if (JSON.stringify(now) === JSON.stringify(expected)) break;
    now = await server.request('objects');
  }
  return now;
}

beforeAll(async () => {
  server = await startServer({ interval: 300, timeout: 800 });
  clients = await Child.start(CLIENTS, { url: await server.request<string>('url') });
  before = await server.request('objects');
});

afterAll(killAll);

test(
  'no object is left of 10 000 closed connections',
  async () => {
    const started = performance.now();
    await clients.request('wave', {
      goodbye: 100,
      lost: 100,
      flooding: 100,
      dead: 100,
      aborted: 100,
    });
    const heap = await server.request<number>('heap');
    for (let wave = 0; wave < WAVES; wave++) await clients.request('wave', WAVE);
    const after = await objects(before);
    const grown = (await server.request<number>('heap')) - heap;
    const { totals } = await server.request<HeartbeatSnapshot>('snapshot');
    report(
      `${totals.connected} connections in ${((performance.now() - started) / 1_000).toFixed(1)} s, of which ` +
        `${totals.evicted.unresponsive} died and ${totals.evicted.flooding} flooded; left: ${JSON.stringify(after)}, ` +
        `before: ${JSON.stringify(before)}; the heap grew by ${(grown / MIB).toFixed(2)} MiB`,
    );
    expect(totals.connected).toBe(400 + 10_000);
    expect(totals.disconnected).toBe(totals.connected);
    expect(totals.evicted.flooding).toBe(100 + WAVES * WAVE.flooding);
    expect(totals.evicted.unresponsive).toBeGreaterThanOrEqual(100 + WAVES * WAVE.dead);
    expect(await server.request('size')).toBe(0);
    expect(after).toEqual(before);
    expect(grown).toBeLessThan(4 * MIB);
  },
  LIMIT,
);

test('the count detects a connection that is kept', async () => {
  const { socket, closed } = await connect(await server.request('url'));
  const now = await server.request<Objects>('objects');
  expect(now['WsConnection']).toBe((before['WsConnection'] ?? NaN) + 1);
  expect(await server.request('leak')).toBe(1);
  socket.close();
  await closed;
  // The connection that is kept also keeps its objects, such as a pending ping.
  const { WsConnection: kept } = await objects(now);
  expect(kept).toBe(now['WsConnection']);
  expect(await server.request('size')).toBe(0);
});

import { on, once } from 'node:events';
import { afterAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { connect } from '../support/client.js';
import type { ClientRecord, StallRecord } from '../support/recording.gateway.js';
import { POLICY, RECORDING_SERVER } from './stalls.js';

const RAW_PROGRAM = new URL('../support/programs/raw-clients.mjs', import.meta.url);
const CLIENTS = 60;
/** Some of them are always within a tick of the timeout. */
const EVERY = 20;
const BLOCK = 1_500;

afterAll(killAll);

test('a pong that arrives while the event loop is blocked counts, even within a tick of the timeout', async () => {
  const server = await Child.start(RECORDING_SERVER, POLICY);
  const url = await server.request<string>('url');
  const driver = await connect(url);
  const settings = { url, name: 'late', count: CLIENTS, every: EVERY, ignoresPings: true };
  const clients = await Child.start(RAW_PROGRAM, settings);

  await server.request('untilDisconnected', 1);
  // Queued: the second message may arrive before the answer of the clients.
  const messages = on(driver.socket, 'message');
  driver.socket.send(JSON.stringify({ event: 'block', data: BLOCK }));
  await messages.next();
  await clients.request('pong');
  await messages.next();
  await once(driver.socket, 'ping');

  const stalls = await server.request<StallRecord[]>('stalls');
  const records = await server.request<ClientRecord[]>('records');
  const end = Number(stalls.find(({ duration }) => duration >= BLOCK - 1)?.at);
  const evictions = records.flatMap(({ evicted }) => evicted.map(({ at }) => at));
  expect(records.length).toBe(CLIENTS + 1);
  expect(end).not.toBeNaN();
  expect(evictions.filter((at) => at < end).length).toBeLessThan(CLIENTS);
  expect(evictions.filter((at) => at >= end && at < end + POLICY.timeout)).toEqual([]);
});

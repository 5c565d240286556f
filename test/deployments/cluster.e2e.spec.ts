import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { connect, type TestClient } from '../support/client.js';
import type { WorkerReport } from './cluster.program.js';

const PROGRAM = new URL('./cluster.program.ts', import.meta.url);
const CLIENTS = 6;

let primary: Child;
let clients: TestClient[];

const isOpen = ({ socket }: TestClient) => socket.readyState === socket.OPEN;
const reports = () => primary.request<WorkerReport[]>('reports');
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

beforeAll(async () => {
  primary = await Child.start(PROGRAM, {});
  const url = `${await primary.request<string>('url')}/chat`;
  clients = [];
  for (let count = 0; count < CLIENTS; count++) clients.push(await connect(url));
}, 120_000);

afterAll(killAll);

test('each worker of a cluster monitors the clients that it accepted, and no others', async () => {
  const sizes = (await reports()).map(({ size }) => size);
  expect(sizes).toHaveLength(2);
  expect(sum(sizes)).toBe(CLIENTS);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  // Longer than the timeout.
  await delay(600);
  expect(clients.filter(isOpen)).toHaveLength(CLIENTS);
  expect(clients.every(({ pings }) => pings.length > 0)).toBe(true);
});

test('a worker evicts a dead client of its own', async () => {
  const url = `${await primary.request<string>('url')}/chat`;
  const dead = [await connect(url, { autoPong: false }), await connect(url, { autoPong: false })];
  for (const { closed } of dead) expect(await closed).toMatchObject({ code: 1006 });
  const after = await reports();
  expect(sum(after.map(({ unresponsive }) => unresponsive))).toBe(2);
  expect(sum(after.map(({ size }) => size))).toBe(CLIENTS);
});

test('the death of a worker ends its own clients and none of the other worker', async () => {
  const [victim, survivor] = await reports();
  expect(await primary.request('kill', victim?.pid)).toBe('SIGKILL');
  const victims = clients.map(({ closed }) =>
    Promise.race([closed.then(({ code }) => code), delay(1_000).then(() => 'open')]),
  );
  const ends = (await Promise.all(victims)).filter((end) => end !== 'open');
  expect(ends).toEqual(Array.from({ length: Number(victim?.size) }, () => 1006));
  clients = clients.filter(isOpen);
  expect(clients).toHaveLength(Number(survivor?.size));
  expect((await reports()).map(({ size }) => size)).toEqual([survivor?.size]);
});

test('a worker that closes its application drains its clients and exits', async () => {
  const [last] = await reports();
  expect(clients.length).toBeGreaterThan(0);
  expect(await primary.request('leave', last?.pid)).toBe(0);
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
});

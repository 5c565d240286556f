import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child, killAll } from '../support/child.js';
import { CpuWaitLog } from '../support/cpu-wait.js';
import { report } from '../support/report.js';
import type { TickCount } from './spread.server.js';

const POLICY = { interval: 3_000, timeout: 9_000 };
const INTERVALS = 3;
const PROCESSES = 2;
const CLIENTS = 10_000;
const LIMIT = 120_000;
const SERVER_PROGRAM = new URL('./spread.server.ts', import.meta.url);
const CLIENT_PROGRAM = new URL('../support/programs/raw-clients.mjs', import.meta.url);

let server: Child;
let afterConnect: TickCount[];
let afterBroadcast: TickCount[];
/** The times in which the server waited for a CPU, as measured by the kernel. */
let waits: CpuWaitLog;
/** Average number of pings in a tick. */
let average: number;
let snapshot: HeartbeatSnapshot;

beforeAll(async () => {
  server = await Child.start(SERVER_PROGRAM, POLICY);
  waits = new CpuWaitLog(() => server.waitedForCpu());
  const url = await server.request<string>('url');
  const { tick } = await server.request<HeartbeatSnapshot>('snapshot');
  const ticks = INTERVALS * Math.ceil(POLICY.interval / tick);
  average = (CLIENTS * tick) / POLICY.interval;

  const before = await server.request<number>('ticks');
  const settings = { url, count: CLIENTS / PROCESSES, reply: '{"event":"thanks"}' };
  await Promise.all(Array.from({ length: PROCESSES }, () => Child.start(CLIENT_PROGRAM, settings)));
  afterConnect = await server.request<TickCount[]>('counts', before, ticks);

  const broadcast = await server.request<number>('ticks');
  await server.request('broadcast', CLIENTS);
  afterBroadcast = await server.request<TickCount[]>('counts', broadcast, ticks);
  waits.stop();
  snapshot = await server.request('snapshot');
}, LIMIT);

afterAll(killAll);

const pingsOf = (counts: readonly TickCount[]) => counts.map(({ pings }) => pings);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function expectSpread(counts: readonly TickCount[], when: string): void {
  const most = Math.max(...pingsOf(counts));
  const ratio = (most / average).toFixed(2);
  report(`${when}: at most ${most} pings a tick, ${ratio} × the average of ${average.toFixed(0)}`);
  for (const { pings, at } of counts) {
    // Pings that the server could not send in the last second, for lack of a CPU, may be added.
    const catchingUp = (average * waits.between(at - 1_000, at)) / snapshot.tick;
    expect(pings).toBeLessThanOrEqual(3 * average + catchingUp);
  }
}

test('no tick pings more than three times the average of 10 000 connections that were made together', () => {
  expect(snapshot.totals.connected).toBe(CLIENTS);
  expectSpread(afterConnect, 'after connecting');
  const steady = afterConnect.slice(-(INTERVALS - 1) * (POLICY.interval / snapshot.tick));
  expect(sum(pingsOf(steady))).toBeGreaterThan(0.9 * (INTERVALS - 1) * CLIENTS);
});

test('no tick does so after a broadcast that all clients answered at once', () => {
  expectSpread(afterBroadcast, 'after a broadcast');
  expect(sum(pingsOf(afterBroadcast))).toBeGreaterThan(0.9 * (INTERVALS - 1) * CLIENTS);
});

test('no client has disconnected', () => {
  expect(snapshot.totals).toMatchObject({ disconnected: 0 });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child, killAll } from '../support/child.js';
import type { ClientRecord } from '../support/recording.gateway.js';
import { quantile, report } from '../support/report.js';
import { expectInTime, onlyEviction } from './in-time.js';

const POLICY = { interval: 1_000, timeout: 2_000 };
const PROCESSES = 4;
const CLIENTS_EACH = 250;
const FROZEN = PROCESSES * CLIENTS_EACH;
const HEALTHY = 50;
const SERVER_PROGRAM = new URL('../support/programs/recording.server.ts', import.meta.url);
const CLIENT_PROGRAM = new URL('../support/programs/clients.mjs', import.meta.url);

let records: ClientRecord[];
let snapshot: HeartbeatSnapshot;
/** Milliseconds that the server waited for a CPU. */
let waited: number;

const named = (name: string) => records.filter((record) => record.name.startsWith(name));

beforeAll(async () => {
  const server = await Child.start(SERVER_PROGRAM, POLICY);
  const url = await server.request<string>('url');
  const start = (name: string, count: number) => Child.start(CLIENT_PROGRAM, { url, name, count });

  const healthy = await start('healthy', HEALTHY);
  const frozenProcesses = await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) => start(`frozen-${i}`, CLIENTS_EACH)),
  );
  await Promise.all(frozenProcesses.map((child) => child.request('untilPinged', 1)));
  const before = server.waitedForCpu();
  for (const child of frozenProcesses) child.freeze();
  await server.request('untilDisconnected', FROZEN);
  waited = server.waitedForCpu() - before;
  await healthy.request('untilPinged', 2);
  records = await server.request('records');
  snapshot = await server.request('snapshot');
});

afterAll(killAll);

test('a thousand clients whose processes are stopped are each terminated in time', () => {
  const frozen = named('frozen');
  expect(frozen).toHaveLength(FROZEN);
  for (const record of frozen) {
    expectInTime(record, { timeout: POLICY.timeout, tick: snapshot.tick, waited });
  }

  const percent = frozen.map((record) => (100 * onlyEviction(record).after) / POLICY.timeout);
  const [least, median, p99, most] = [0, 0.5, 0.99, 1].map((share) =>
    quantile(percent, share).toFixed(1),
  );
  report(
    `evicted after ${least}–${most} % of the timeout, median ${median} %, p99 ${p99} %; ` +
      `promised 100–${110 + (100 * snapshot.tick) / POLICY.timeout} %`,
  );
});

test('each of them is counted once, in records and totals', () => {
  for (const { hooks, evicted, suspected, recovered, disconnected } of named('frozen')) {
    expect(hooks).toEqual({ suspect: 1, recover: 0, evict: 1, disconnect: 1 });
    expect([suspected, recovered, evicted].map(({ length }) => length)).toEqual([1, 0, 1]);
    expect(disconnected).toBe(1);
  }
  expect(snapshot.totals).toMatchObject({
    connected: FROZEN + HEALTHY,
    disconnected: FROZEN,
    evicted: { unresponsive: FROZEN, 'slow-consumer': 0, drain: 0, requested: 0 },
  });
  expect(snapshot.servers).toMatchObject([{ alive: HEALTHY, suspect: 0, evicted: 0 }]);
});

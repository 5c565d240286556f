import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { Child, killAll } from '../support/child.js';
import { SLACK, waitedForCpu } from '../support/cpu-wait.js';
import { RecordingGateway } from '../support/recording.gateway.js';
import { expectInTime, onlyEviction } from './in-time.js';

const INTERVAL = 1_000;
const TIMEOUT = 2_000;
const CLIENTS = 5;
const RAW_PROGRAM = new URL('../support/programs/raw-clients.mjs', import.meta.url);
const CLIENT_PROGRAM = new URL('../support/programs/clients.mjs', import.meta.url);

/** The messages that the clients send until their process is stopped. */
const KINDS = {
  'only answered pings': undefined,
  'was sending messages': { event: 'note', every: 50 },
  'was receiving a stream that continues': { event: 'stream', data: 50 },
  'had traffic in both directions': { event: 'echo', every: 50 },
};

let server: TestApp;
let gateway: RecordingGateway;
let tick: number;
/** Milliseconds that this process, which is the server, waited for a CPU. */
let waited: number;

const named = (name: string) => gateway.records.filter((record) => record.name.startsWith(name));

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: TIMEOUT, drain: false })],
    providers: [RecordingGateway],
  });
  gateway = server.app.get(RecordingGateway);
  tick = server.app.get(LivenessService).snapshot().tick;
  const start = (name: string, message?: object) =>
    Child.start(CLIENT_PROGRAM, { url: server.url, name, count: CLIENTS, message: message });

  const healthy = await start('healthy');
  const frozenProcesses = await Promise.all(
    Object.entries(KINDS).map(([name, message]) => start(name, message)),
  );
  const halting = { url: server.url, name: 'halting', count: CLIENTS };
  const halfWay = await Child.start(RAW_PROGRAM, halting);
  frozenProcesses.push(halfWay);
  const before = waitedForCpu();
  await healthy.request('untilPinged', 1);
  await halfWay.request('send', '{"event":"note"}', 7);
  await gateway.until(() =>
    named('halting').every(({ lastByte, lastSign }) => lastByte > lastSign),
  );
  for (const child of frozenProcesses) child.freeze();
  const frozen = gateway.records.filter(({ name }) => !name.startsWith('healthy'));
  await gateway.until(() => frozen.every(({ hooks }) => hooks.disconnect > 0));
  waited = waitedForCpu() - before;
  await healthy.request('untilPinged', 2);
});

afterAll(async () => {
  await killAll();
  await server.app.close();
});

describe.each(Object.keys(KINDS))('a client whose process is stopped and that %s', (kind) => {
  test('is terminated as unresponsive, not before `timeout` and at most 10 % and a tick later', () => {
    expect(named(kind)).toHaveLength(CLIENTS);
    for (const record of named(kind)) {
      expect(onlyEviction(record)).toMatchObject({ cause: 'unresponsive', code: 1006 });
      expectInTime(record, { timeout: TIMEOUT, tick, waited });
    }
  });

  test('is suspected after (`interval` + `timeout`) / 2', () => {
    for (const { suspected, evicted, lastSign } of named(kind)) {
      expect(suspected).toHaveLength(1);
      expect(Number(suspected[0]) - lastSign).toBeGreaterThanOrEqual((INTERVAL + TIMEOUT) / 2);
      expect(suspected[0]).toBeLessThan(Number(evicted[0]?.at));
    }
  });

  test('is reported to the gateway exactly once', () => {
    for (const { hooks, disconnected } of named(kind)) {
      expect(hooks).toEqual({ suspect: 1, recover: 0, evict: 1, disconnect: 1 });
      expect(disconnected).toBe(1);
    }
  });
});

test('a client that stops inside a frame is terminated at most an `interval` later than others', () => {
  expect(named('halting')).toHaveLength(CLIENTS);
  for (const { evicted, lastByte } of named('halting')) {
    expect(evicted).toHaveLength(1);
    const at = Number(evicted[0]?.at);
    expect(at - lastByte).toBeGreaterThanOrEqual(TIMEOUT);
    const latest = TIMEOUT * 1.1 + tick + INTERVAL;
    expect(at - lastByte).toBeLessThanOrEqual(latest + SLACK + waited);
  }
});

test('clients that answer stay connected', () => {
  expect(named('healthy')).toHaveLength(CLIENTS);
  for (const { evicted, hooks } of named('healthy')) {
    expect(evicted).toEqual([]);
    expect(hooks).toEqual({ suspect: 0, recover: 0, evict: 0, disconnect: 0 });
  }
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { Child, killAll } from '../support/child.js';
import { waitedForCpu } from '../support/cpu-wait.js';
import { RecordingGateway, type ClientRecord } from '../support/recording.gateway.js';

const INTERVAL = 500;
const TIMEOUT = 4_000;
const SUSPECT_AFTER = (INTERVAL + TIMEOUT) / 2;
const CLIENTS = 10;
/** Maximum delay in ms of a timer in a running process: less than half of `interval`, when the next check follows. */
const JITTER = 60;
const CLIENT_PROGRAM = new URL('../support/programs/clients.mjs', import.meta.url);
const RAW_PROGRAM = new URL('../support/programs/raw-clients.mjs', import.meta.url);

let server: TestApp;
let gateway: RecordingGateway;
let tick: number;

const named = (name: string) => gateway.records.filter((record) => record.name.startsWith(name));

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: TIMEOUT, drain: false })],
    providers: [RecordingGateway],
  });
  gateway = server.app.get(RecordingGateway);
  tick = server.app.get(LivenessService).snapshot().tick;
});

afterAll(async () => {
  await killAll();
  await server.app.close();
});

/** `waited`: milliseconds that this process, which is the server, waited for a CPU. */
function expectRecoveredWithinATick(
  { suspected, revived, recovered, ...record }: ClientRecord,
  waited: number,
) {
  expect([suspected, revived, recovered].map(({ length }) => length)).toEqual([1, 1, 1]);
  const [sign, recovery] = [Number(revived[0]), Number(recovered[0])];
  expect(recovery).toBeGreaterThanOrEqual(sign);
  expect(recovery - sign).toBeLessThanOrEqual(tick + JITTER + waited);
  expect(record.hooks).toEqual({ suspect: 1, recover: 1, evict: 0, disconnect: 0 });
}

test('a client whose process continues before the timeout is suspected, and recovers within a tick', async () => {
  const settings = { url: server.url, name: 'paused', count: CLIENTS };
  const child = await Child.start(CLIENT_PROGRAM, settings);
  await child.request('untilPinged', 1);
  child.freeze();
  const records = named('paused');
  const lastSigns = records.map(({ lastSign }) => lastSign);
  await gateway.until(() => records.every(({ suspected }) => suspected.length > 0));
  const before = waitedForCpu();
  child.thaw();
  await gateway.until(() => records.every(({ recovered }) => recovered.length > 0));
  const waited = waitedForCpu() - before;

  expect(records).toHaveLength(CLIENTS);
  for (const [i, record] of records.entries()) {
    const silence = Number(record.suspected[0]) - Number(lastSigns[i]);
    expect(silence).toBeGreaterThanOrEqual(SUSPECT_AFTER);
    expectRecoveredWithinATick(record, waited);
  }
  await child.request('untilPinged', 2);
  for (const record of records) expectRecoveredWithinATick(record, waited);
});

test('a part of a frame is a sign of life, like a whole frame', async () => {
  const settings = { url: server.url, name: 'halting', count: CLIENTS, ignoresPings: true };
  const child = await Child.start(RAW_PROGRAM, settings);
  const records = named('halting');
  await gateway.until(() => records.every(({ suspected }) => suspected.length > 0));
  const before = waitedForCpu();
  await child.request('send', '{"event":"note"}', 7);
  await gateway.until(() => records.every(({ recovered }) => recovered.length > 0));
  const waited = waitedForCpu() - before;

  expect(records).toHaveLength(CLIENTS);
  for (const record of records) expectRecoveredWithinATick(record, waited);
  await gateway.until(() => records.every(({ evicted }) => evicted.length > 0));
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { Child, killAll } from '../support/child.js';
import { RecordingGateway, type ClientRecord } from '../support/recording.gateway.js';

const INTERVAL = 500;
const TIMEOUT = 4_000;
const SUSPECT_AFTER = (INTERVAL + TIMEOUT) / 2;
const CLIENTS = 10;
/** How late a timer fires on an idle machine; later than that is measured. */
const JITTER = 10;
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

function expectRecoveredWithinATick({ suspected, revived, recovered, ...record }: ClientRecord) {
  expect([suspected, revived, recovered].map(({ length }) => length)).toEqual([1, 1, 1]);
  const [sign, recovery] = [Number(revived[0]), Number(recovered[0])];
  expect(recovery).toBeGreaterThanOrEqual(sign);
  const lateness = gateway.lateness.between(sign, recovery);
  expect(recovery - sign).toBeLessThanOrEqual(tick + JITTER + lateness);
  expect(record.hooks).toEqual({ suspect: 1, recover: 1, evict: 0, disconnect: 0 });
}

test('a client whose process goes on before the timeout is suspected half way and recovers within a tick', async () => {
  const settings = { url: server.url, name: 'paused', count: CLIENTS };
  const child = await Child.start(CLIENT_PROGRAM, settings);
  await child.ask('untilPinged', 1);
  child.freeze();
  const records = named('paused');
  const lastSigns = records.map(({ lastSign }) => lastSign);
  await gateway.until(() => records.every(({ suspected }) => suspected.length > 0));
  child.thaw();
  await gateway.until(() => records.every(({ recovered }) => recovered.length > 0));

  expect(records).toHaveLength(CLIENTS);
  for (const [i, record] of records.entries()) {
    const silence = Number(record.suspected[0]) - Number(lastSigns[i]);
    expect(silence).toBeGreaterThanOrEqual(SUSPECT_AFTER);
    expectRecoveredWithinATick(record);
  }
  await child.ask('untilPinged', 2);
  for (const record of records) expectRecoveredWithinATick(record);
});

test('the first half of a frame is as good a sign of life as a whole one', async () => {
  const settings = { url: server.url, name: 'halting', count: CLIENTS, isDeaf: true };
  const child = await Child.start(RAW_PROGRAM, settings);
  const records = named('halting');
  await gateway.until(() => records.every(({ suspected }) => suspected.length > 0));
  await child.ask('send', '{"event":"note"}', 7);
  await gateway.until(() => records.every(({ recovered }) => recovered.length > 0));

  expect(records).toHaveLength(CLIENTS);
  for (const record of records) expectRecoveredWithinATick(record);
  await gateway.until(() => records.every(({ evicted }) => evicted.length > 0));
});

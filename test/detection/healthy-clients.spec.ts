import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { Child, killAll } from '../support/child.js';
import { RecordingGateway, type ClientRecord } from '../support/recording.gateway.js';

const MIB = 1_048_576;
const INTERVAL = 500;
const TIMEOUT = 1_000;
const CLIENT_PROGRAM = new URL('../support/programs/clients.mjs', import.meta.url);
const UPLOAD_PROGRAM = new URL('../support/programs/uploader.mjs', import.meta.url);

let server: TestApp;
let gateway: RecordingGateway;

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: TIMEOUT, drain: false })],
    providers: [RecordingGateway],
  });
  gateway = server.app.get(RecordingGateway);
});

afterAll(async () => {
  await killAll();
  await server.app.close();
});

function expectNoSuspicion({ suspected, evicted, disconnected }: ClientRecord) {
  expect(suspected).toEqual([]);
  expect(evicted).toEqual([]);
  expect(disconnected).toBe(0);
}

test.concurrent(
  'a client that uploads one 8 MiB frame at 1 MiB a second stays connected although its pongs wait behind the frame',
  async () => {
    const settings = { url: server.url, name: 'uploader', size: 8 * MIB, rate: MIB };
    const child = await Child.start(UPLOAD_PROGRAM, settings);
    const record = gateway.record(gateway.client('uploader'));

    const upload = await child.request<{ duration: number; pings: number; closed: boolean }>(
      'upload',
    );
    await gateway.until(() => record.pongs >= upload.pings);

    expect(upload).toMatchObject({ closed: false });
    expect(upload.pings).toBeGreaterThan(upload.duration / INTERVAL / 2);
    expect(record.longestSilence).toBeGreaterThan(7 * TIMEOUT);
    expectNoSuspicion(record);
  },
);

test.concurrent.each([
  ['answers pings', undefined],
  [
    'sends more than the paused socket can hold',
    { event: 'note', data: 'x'.repeat(10_000), every: 5 },
  ],
])(
  'a client that %s is not closed while the server does not read from it',
  async (name, message) => {
    const child = await Child.start(CLIENT_PROGRAM, { url: server.url, name, message: message });
    const client = gateway.client(`${name}-0`);
    const record = gateway.record(client);
    await gateway.until(() => record.pongs > 0);

    client.pause();
    expect(server.app.get(LivenessService).get(client)).toMatchObject({ paused: true });
    await delay(3 * TIMEOUT);
    client.resume();
    await child.request('untilPinged', 3);

    expectNoSuspicion(record);
    expect(record.longestSilence).toBeGreaterThanOrEqual(3 * TIMEOUT - 1);
  },
);

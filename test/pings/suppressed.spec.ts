import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { waitedForCpu } from '../support/cpu-wait.js';
import { startApp, type TestApp } from '../support/app.js';
import { RecordingGateway } from '../support/recording.gateway.js';
import { connectGroup, sendMessage } from './groups.js';

/** A multiple of twice the tick, so that the module does not round it down. */
const INTERVAL = 600;
const INTERVALS = 8;
const CLIENTS = 5;
/** Far more often than twice an interval, so that one late message leaves no silence. */
const OFTEN = INTERVAL / 20;

let server: TestApp;

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: 2_000, drain: false })],
    providers: [RecordingGateway],
  });
});

afterAll(() => server.app.close());

test('a connection with traffic in both directions is not pinged, and every suppressed ping is counted', async () => {
  const start = performance.now();
  const before = waitedForCpu();
  const group = await connectGroup(server.url, CLIENTS, sendMessage('echo'), OFTEN);
  while (performance.now() - start < INTERVALS * INTERVAL) {
    await Promise.all(group.clients.map(({ socket }) => once(socket, 'message')));
  }
  const { pings, suppressed } = server.app.get(LivenessService).snapshot().totals;
  const end = performance.now();
  const waited = waitedForCpu() - before;
  await group.disband();

  expect(group.clients.map((client) => client.pings)).toEqual(group.clients.map(() => []));
  expect(pings).toBe(0);
  const least = (end - start - waited) / INTERVAL - 1;
  const most = (end - start) / INTERVAL + 1;
  expect(suppressed).toBeGreaterThanOrEqual(CLIENTS * least);
  expect(suppressed).toBeLessThanOrEqual(CLIENTS * most);
});

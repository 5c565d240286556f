import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { waitedForCpu } from '../support/cpu-wait.js';
import { startApp, type TestApp } from '../support/app.js';
import { RecordingGateway } from '../support/recording.gateway.js';
import { connectGroup, sendMessage } from './groups.js';

/** A multiple of twice the tick, so that the module does not round it down. */
const INTERVAL = 600;
const INTERVALS = 6;
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
  const group = await connectGroup(server.url, CLIENTS, sendMessage('echo'), OFTEN);
  const liveness = server.app.get(LivenessService);
  const chat = async (intervals: number) => {
    const end = performance.now() + intervals * INTERVAL;
    while (performance.now() < end) {
      await Promise.all(group.clients.map(({ socket }) => once(socket, 'message')));
    }
  };
  // Only traffic that lasts suppresses pings, and a client that waited for the others to connect sent nothing before.
  await chat(2);
  for (const client of group.clients) client.pings.length = 0;
  const before = liveness.snapshot().totals;
  const [start, waitedBefore] = [performance.now(), waitedForCpu()];
  await chat(INTERVALS);
  const after = liveness.snapshot().totals;
  const end = performance.now();
  const waited = waitedForCpu() - waitedBefore;
  await group.disband();

  expect(group.clients.map((client) => client.pings)).toEqual(group.clients.map(() => []));
  expect(after.pings - before.pings).toBe(0);
  const suppressed = after.suppressed - before.suppressed;
  const least = (end - start - waited) / INTERVAL - 1;
  const most = (end - start) / INTERVAL + 1;
  expect(suppressed).toBeGreaterThanOrEqual(CLIENTS * least);
  expect(suppressed).toBeLessThanOrEqual(CLIENTS * most);
});

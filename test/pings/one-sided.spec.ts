import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { SLACK, waitedForCpu } from '../support/cpu-wait.js';
import { startApp, type TestApp } from '../support/app.js';
import { RecordingGateway } from '../support/recording.gateway.js';
import { connectGroup, sendMessage } from './groups.js';

/** A multiple of twice the tick, so that the module does not round it down. */
const INTERVAL = 600;
const INTERVALS = 8;
const CLIENTS = 5;
/** Far more often than an interval, so that one late message leaves no silence. */
const OFTEN = INTERVAL / 10;

let server: TestApp;
let tick: number;

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: 2_000, drain: false })],
    providers: [RecordingGateway],
  });
  tick = server.app.get(LivenessService).snapshot().tick;
});

afterAll(() => server.app.close());

test.concurrent.each([
  ['neither sends nor receives messages', undefined, undefined],
  ['sends messages, but receives none', sendMessage('note'), OFTEN],
  ['receives a stream, but sends no messages', sendMessage('stream', OFTEN), undefined],
])('a connection whose client %s is pinged once an interval', async (_, act, every) => {
  const start = performance.now();
  const before = waitedForCpu();
  const group = await connectGroup(server.url, CLIENTS, act, every);
  await Promise.all(
    group.clients.map(async ({ socket, pings }) => {
      while (pings.length < INTERVALS) await once(socket, 'ping');
    }),
  );
  const waited = waitedForCpu() - before;
  await group.disband();

  for (const { pings } of group.clients) {
    const times = [start, ...pings];
    const end = Number(times.at(-1));

    const gaps = times.slice(1).map((time, i) => time - Number(times[i]));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(INTERVAL + tick + SLACK + waited);

    const [least, most] = [end - start - waited, end - start + tick].map((t) => t / INTERVAL);
    expect(pings.length).toBeGreaterThanOrEqual(Number(least) - 1);
    expect(pings.length).toBeLessThanOrEqual(Number(most) + 1);
  }
});

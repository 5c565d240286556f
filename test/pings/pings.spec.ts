import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { PingPayloads } from '../../src/transport/ping.payloads.js';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { SLACK, waitedForCpu } from '../support/cpu-wait.js';
import { startMonitored } from '../support/monitored.js';
import { RecordingGateway } from '../support/recording.gateway.js';
import { connectGroup, sendMessage } from './groups.js';

/** A multiple of twice the tick, so that the module does not round it down. */
const INTERVAL = 600;
const CLIENTS = 5;
/** Far more often than an interval, so that one late message leaves no silence. */
const OFTEN = INTERVAL / 10;
/** Far more often than twice an interval, for the same reason. */
const MORE_OFTEN = INTERVAL / 20;

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
  const intervals = 8;
  const start = performance.now();
  const before = waitedForCpu();
  const group = await connectGroup(server.url, CLIENTS, act, every);
  await Promise.all(
    group.clients.map(async ({ socket, pings }) => {
      while (pings.length < intervals) await once(socket, 'ping');
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

test('a connection with traffic in both directions is not pinged, and every suppressed ping is counted', async () => {
  const group = await connectGroup(server.url, CLIENTS, sendMessage('echo'), MORE_OFTEN);
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
  await chat(6);
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

// A frozen client reads all pings at once when it continues, and its `ws` terminates a connection on which
// it reads more than 60.
test('a client that does not answer is pinged once an interval, until it is evicted', async () => {
  const { connect } = await startMonitored([ChatGateway], { interval: 200, timeout: 3_000 });

  const client = await connect('/chat', { autoPong: false });
  const { code } = await client.closed;

  expect(code).toBe(1006);
  expect(client.pings.length).toBeGreaterThan(1);
  expect(client.pings.length).toBeLessThanOrEqual(3_000 / 200 + 2);
});

test('payloads are eight random bytes, and no two pings have the same', () => {
  const payloads = new PingPayloads();
  const drawn = Array.from({ length: 2_000 }, () => payloads.draw());
  expect(drawn.every(({ length }) => length === 8)).toBe(true);
  expect(new Set(drawn.map((payload) => payload.toString('hex'))).size).toBe(2_000);
});

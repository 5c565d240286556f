import { once } from 'node:events';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { DrainOptions } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient, type Closing, type TestClient } from '../support/client.js';
import { QUICK, startMonitored, type MonitoredApp } from '../support/monitored.js';
import { connectAll, HELLO, received } from './drain.clients.js';

/** Connects clients and closes the application. Returns when that began and ended, and the close of each client. */
async function drainClients(monitored: MonitoredApp, count: number) {
  const clients = [];
  for (let index = 0; index < count; index++) clients.push(await monitored.connect('/chat'));
  const closings = Promise.all(clients.map(({ closed }) => closed));
  const started = performance.now();
  await monitored.close();
  return { started, ended: performance.now(), closings: await closings };
}

const closeTimes = (closings: Closing[]) => closings.map(({ at }) => at).toSorted((a, b) => a - b);

afterEach(() => void jest.restoreAllMocks());

test('drain() closes all clients and returns a report', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const clients = [await connect('/chat'), await connect('/chat'), await connect('/chat')];
  const started = performance.now();
  const report = await liveness.drain();
  const duration = performance.now() - started;
  expect(liveness.size).toBe(0);
  expect(report).toMatchObject({ closed: 3, terminated: 0 });
  expect(report.duration).toBeGreaterThanOrEqual(100);
  expect(report.duration).toBeLessThanOrEqual(duration + 1);
  expect(events.of('draining')).toMatchObject([{ clients: 3, within: 150 }]);
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
});

test('every further call of drain() returns the same promise, whatever its options', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  await connect('/chat');
  const first = liveness.drain();
  expect(liveness.drain()).toBe(first);
  expect(liveness.drain({ within: 60_000 })).toBe(first);
  await first;
  expect(liveness.drain()).toBe(first);
  expect(events.of('draining')).toHaveLength(1);
});

test('a client that connects after drain() is closed with 1012', async () => {
  const { liveness, url } = await startMonitored([ChatGateway]);
  await liveness.drain();
  const late = await connectClient(`${url}/chat`);
  expect(await late.closed).toMatchObject({ code: 1012 });
});

test('shutdown waits for a drain() in progress and starts no second one', async () => {
  const { close, connect, events, liveness } = await startMonitored([ChatGateway]);
  for (let count = 0; count < 10; count++) await connect('/chat');
  const drained = liveness.drain({ within: 400 });
  await close();
  expect(await drained).toMatchObject({ closed: 10, terminated: 0 });
  expect(events.of('draining')).toMatchObject([{ clients: 10, within: 400 }]);
});

test('a client that closes its connection during the drain counts as closed', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  for (let count = 0; count < 5; count++) await connect('/chat');
  const last = await connect('/chat');
  const drained = liveness.drain();
  last.socket.close(4000);
  expect(await drained).toMatchObject({ closed: 6, terminated: 0 });
  expect(await last.closed).toMatchObject({ code: 4000 });
});

test.each<[string, { within: number } | undefined, DrainOptions | undefined, number]>([
  ['the window in its options', { within: 400 }, { within: 200 }, 200],
  ['the window of the module', { within: 400 }, undefined, 400],
  [
    'the window of the module, where `within` is undefined',
    { within: 400 },
    { within: undefined } as object,
    400,
  ],
  ['the default window', undefined, undefined, 500],
])('drain() uses %s', async (_, ofModule, own, within) => {
  const options = ofModule === undefined ? QUICK : { ...QUICK, drain: ofModule };
  const { connect, events, liveness } = await startMonitored([ChatGateway], options);
  for (let count = 0; count < 10; count++) await connect('/chat');
  await liveness.drain(own);
  expect(events.of('draining')).toMatchObject([{ within }]);
});

test('drain() works where drain: false turns off the drain at shutdown', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { ...QUICK, drain: false });
  const client = await connect('/chat');
  expect(await liveness.drain()).toMatchObject({ closed: 1 });
  expect(await client.closed).toMatchObject({ code: 1012 });
});

test('shutdown waits for a drain() of the application, also with drain: false', async () => {
  const { close, connect, liveness } = await startMonitored([ChatGateway], {
    ...QUICK,
    drain: false,
  });
  const clients = [];
  for (let count = 0; count < 6; count++) clients.push(await connect('/chat'));
  const drained = liveness.drain({ within: 300 });
  await close();
  expect(await drained).toMatchObject({ closed: 6, terminated: 0 });
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
});

test.each([{ within: -1 }, { within: NaN }, { within: '5' }, { for: 5 }, null, 5, false])(
  'drain(%p) throws and closes no client',
  async (options) => {
    const { connect, liveness } = await startMonitored([ChatGateway]);
    const { peer } = await connect('/chat');
    expect(() => liveness.drain(options as object)).toThrow('drain(): `options` is');
    expect(liveness.isAlive(peer)).toBe(true);
    expect(liveness.snapshot().draining).toBe(false);
  },
);

test('a drain closes one client per 50 ms, with 1012', async () => {
  const monitored = await startMonitored([ChatGateway], {});
  const { closings, ended, started } = await drainClients(monitored, 40);
  for (const { code, reason } of closings) {
    expect({ code, reason }).toEqual({ code: 1012, reason: 'server restarts' });
  }
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 2_000 }]);

  const times = closeTimes(closings).map((at) => at - started);
  times.forEach((time, index) => {
    // A slot is 50 ms long, and the jitter stays in its middle half.
    expect(time).toBeGreaterThan(index * 50 + 12);
  });
  expect(times.at(-1)).toBeLessThan(4_000);
  expect(ended - started).toBeGreaterThan(39 * 50);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(10);
});

test('many clients are closed within the window, spread over all of it', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 400 } });
  const { closings, started } = await drainClients(monitored, 40);
  expect(closings.every(({ code }) => code === 1012)).toBe(true);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 400 }]);
  const times = closeTimes(closings).map((at) => at - started);
  expect(times[20]).toBeGreaterThan(200);
  expect(times.at(-1)).toBeGreaterThan(390);
  expect(times.at(-1)).toBeLessThan(1_500);
});

test('after a stall the drain closes overdue clients at twice the rate, not all at once', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 4_000 } });
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000), 1_000);
  const { closings, started } = await drainClients(monitored, 80);
  const times = closeTimes(closings).map((at) => at - started);
  // The plan is two clients per 100 ms. After the stall of 1 s, in which twenty were due, it is four.
  for (const time of times) {
    expect(times.filter((at) => at >= time && at < time + 100).length).toBeLessThanOrEqual(8);
  }
  expect(times.at(-1)).toBeGreaterThan(3_900);
  expect(times.at(-1)).toBeLessThan(4_500);
});

test('a window of 0 closes all clients at once', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 0 } });
  const { closings } = await drainClients(monitored, 40);
  expect(closings.every(({ code }) => code === 1012)).toBe(true);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 0 }]);
  const times = closeTimes(closings);
  expect(Number(times.at(-1)) - Number(times[0])).toBeLessThan(500);
});

test('without clients the shutdown does not wait', async () => {
  const monitored = await startMonitored([ChatGateway], {});
  const { ended, started } = await drainClients(monitored, 0);
  expect(ended - started).toBeLessThan(1_000);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 0, within: 0 }]);
});

test('clients that sent no hello get no drain message, only the close code 1012', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 100 } });
  const [client] = await connectAll(monitored, 1);
  const withoutHello = await connectAll(monitored, 2, false);
  await withoutHello[0]?.request('heartbeat');
  await monitored.close();
  expect((await client?.closed)?.code).toBe(1012);
  expect(received(client as TestClient, 'drain')).toHaveLength(1);
  for (const other of withoutHello) {
    expect((await other.closed).code).toBe(1012);
    expect(received(other, 'drain')).toEqual([]);
  }
});

test('a client that sends a hello during the drain receives the rest of the window', async () => {
  const within = 1_000;
  const monitored = await startMonitored([ChatGateway], { drain: { within } });
  const clients = await connectAll(monitored, 20, false);
  const draining = monitored.events.next('draining');
  const drained = monitored.liveness.drain();
  await draining;
  const last = clients.at(-1) as TestClient;
  await last.request('heartbeat', HELLO);
  if (received(last, 'drain').length === 0) await once(last.socket, 'message');
  const [announced] = received(last, 'drain');
  expect(announced).toEqual({
    op: 'drain',
    after: 0,
    within: expect.any(Number),
    reason: 'restart',
  });
  expect(announced?.within).toBeGreaterThan(0);
  expect(announced?.within).toBeLessThanOrEqual(within);
  expect((await last.closed).code).toBe(1012);
  await drained;
});

test('the end of a lifetime is announced to clients that sent a hello', async () => {
  // The close comes at a random time in the announced ten seconds. This value makes it early.
  jest.spyOn(Math, 'random').mockReturnValue(0.06);
  const monitored = await startMonitored([ChatGateway], { maxLifetime: 1_000 });
  const [client] = await connectAll(monitored, 1);
  const [other] = await connectAll(monitored, 1, false);
  const [data] = (await once((client as TestClient).socket, 'message')) as [Buffer];
  const announcedAt = performance.now();
  expect(JSON.parse(data.toString())).toEqual({
    event: 'heartbeat',
    data: { op: 'drain', after: 0, within: 10_000, reason: 'lifetime' },
  });
  const { code, reason, at } = await (client as TestClient).closed;
  expect({ code, reason }).toEqual({ code: 1012, reason: 'connection lifetime reached' });
  expect(at - announcedAt).toBeGreaterThan(400);
  expect(at - announcedAt).toBeLessThan(10_000);
  expect(received(client as TestClient, 'drain')).toHaveLength(1);
  expect((await other?.closed)?.code).toBe(1012);
  expect(received(other as TestClient, 'drain')).toEqual([]);
});

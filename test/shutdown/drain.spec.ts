import { expect, test } from '@jest/globals';
import type { DrainOptions } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';

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

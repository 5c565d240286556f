import { expect, test } from '@jest/globals';
import { HeartbeatOptionsError } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored, type MonitoredApp } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

const SLOW = { interval: 20_000, timeout: 40_000 };

/** Waits for at least twice the timeout: connects two dead clients, one after the other, until each is evicted. */
async function waitTwoTimeouts({ connect }: MonitoredApp): Promise<void> {
  for (let count = 0; count < 2; count++) {
    const dead = await connect('/chat', { autoPong: false });
    expect(await dead.closed).toMatchObject({ code: 1006 });
  }
}

test('a shorter timeout takes effect at once, and only for this client', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway], SLOW);
  const started = performance.now();
  const dead = await connect('/chat', { autoPong: false });
  const other = await connect('/chat', { autoPong: false });
  liveness.update(dead.peer, QUICK);
  const { code, at } = await dead.closed;
  expect(code).toBe(1006);
  expect(at - started).toBeGreaterThan(QUICK.timeout - 1);
  expect(at - started).toBeLessThan(2_000);
  expect(events.about(other.peer)).toEqual(['connected']);
  expect(other.pings).toEqual([]);
});

test('a longer timeout takes effect at once', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const updated = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  liveness.update(updated.peer, { timeout: 60_000 });
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  expect(liveness.isAlive(updated.peer)).toBe(true);
  expect(liveness.get(updated.peer)?.state).toBe('alive');
});

test('a shorter interval shortens the tick where necessary', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], SLOW);
  const { peer, socket } = await connect('/chat');
  expect(liveness.snapshot().tick).toBe(100);
  liveness.update(peer, { interval: 80 });
  expect(liveness.snapshot().tick).toBeLessThanOrEqual(20);
  for (let count = 0; count < 3; count++) {
    await new Promise((resolve) => socket.once('ping', resolve));
  }
  expect(liveness.isAlive(peer)).toBe(true);
});

test('idleTimeout can be set for one client, and turned off again', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const unlimited = await connect('/chat');
  const idle = await connect('/chat');
  liveness.update(unlimited.peer, { idleTimeout: 300 });
  liveness.update(idle.peer, { idleTimeout: 300 });
  liveness.update(unlimited.peer, { idleTimeout: false });
  expect(await idle.closed).toMatchObject({ code: 4409 });
  expect(liveness.isAlive(unlimited.peer)).toBe(true);
});

test('an idleTimeout that has already passed closes the client at once', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], SLOW);
  const client = await connect('/chat');
  await client.request('say');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const updated = performance.now();
  liveness.update(client.peer, { idleTimeout: 1 });
  const { code, at } = await client.closed;
  expect(code).toBe(4409);
  expect(at - updated).toBeLessThan(1_500);
});

test('maxLifetime can be set for one client', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const young = await connect('/chat');
  const old = await connect('/chat');
  liveness.update(old.peer, { maxLifetime: 300 });
  expect(await old.closed).toMatchObject({ code: 1012, reason: 'connection lifetime reached' });
  expect(liveness.isAlive(young.peer)).toBe(true);
});

test('update() keeps the options that it does not set', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { ...QUICK, idleTimeout: 500 });
  const started = performance.now();
  const { closed, peer } = await connect('/chat');
  liveness.update(peer, { timeout: 60_000 });
  liveness.update(peer, {});
  const { code, at } = await closed;
  expect(code).toBe(4409);
  expect(at - started).toBeGreaterThan(499);
});

test.each<[string, object, string]>([
  ['NaN', { interval: NaN }, 'update(): `interval` is NaN. Set a number of milliseconds above 0'],
  ['a string', { timeout: '500' }, 'update(): `timeout` is "500". Set a number of milliseconds'],
  ['0', { idleTimeout: 0 }, 'update(): `idleTimeout` is 0. Set a number'],
  ['Infinity', { maxLifetime: Infinity }, 'update(): `maxLifetime` is Infinity. Set a number'],
  [
    'an unknown liveness level',
    { liveness: 'x' },
    'update(): `liveness` is "x". Set \'transport\' or',
  ],
  [
    'an interval that is not below the current timeout',
    { interval: QUICK.timeout },
    'update(): `interval` (300 ms) must be smaller than `timeout` (300 ms)',
  ],
  [
    'an option that cannot be set for one connection',
    { dryRun: true },
    'update(): unknown option `dryRun`. Known options: interval, timeout, idleTimeout, maxLifetime, liveness.',
  ],
  ['an unknown option', { intervall: 5 }, 'update(): unknown option `intervall`. Known'],
  [
    'an option of the module',
    { drain: false },
    'update(): `drain` is an option of the whole module.',
  ],
])('update() throws for %s and changes nothing', async (_, options, text) => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  expect(() => liveness.update(peer, options)).toThrow(HeartbeatOptionsError);
  expect(() => liveness.update(peer, options)).toThrow(text);
  await new Promise((resolve) => socket.once('ping', resolve));
  expect(liveness.isAlive(peer)).toBe(true);
});

test.each([null, 5, 'interval', []])(
  'update() throws for %p, which is not an object',
  async (options) => {
    const { connect, liveness } = await startMonitored([ChatGateway]);
    const { peer } = await connect('/chat');
    expect(() => liveness.update(peer, options as object)).toThrow(
      'update() takes an object of options, not',
    );
  },
);

test('options that are set on a paused client apply after resume()', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], SLOW);
  const dead = await connect('/chat', { autoPong: false });
  liveness.pause(dead.peer);
  liveness.update(dead.peer, QUICK);
  liveness.resume(dead.peer);
  const resumed = performance.now();
  const { at } = await dead.closed;
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 1);
  expect(at - resumed).toBeLessThan(2_000);
});

test('update() does not revive a client that is being closed', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  liveness.disconnect(client);
  liveness.update(client, { timeout: 60_000 });
  expect(liveness.get(client)?.state).toBe('evicted');
  raw.socket.destroy();
});

test('a dead client is not pinged, suspected or evicted while it is paused', async () => {
  const monitored = await startMonitored([ChatGateway]);
  const { connect, events, liveness } = monitored;
  const dead = await connect('/chat', { autoPong: false });
  liveness.pause(dead.peer);
  await waitTwoTimeouts(monitored);
  expect(events.about(dead.peer)).toEqual(['connected']);
  expect(dead.pings).toEqual([]);
  expect(liveness.get(dead.peer)).toMatchObject({
    paused: true,
    state: 'alive',
    silence: 0,
    idle: 0,
  });
});

test('resume() resets the silence and the idle time of a client', async () => {
  const monitored = await startMonitored([ChatGateway]);
  const { connect, liveness } = monitored;
  const dead = await connect('/chat', { autoPong: false });
  liveness.pause(dead.peer);
  await waitTwoTimeouts(monitored);
  const resumed = performance.now();
  liveness.resume(dead.peer);
  expect(liveness.get(dead.peer)).toMatchObject({ paused: false, silence: 0, idle: 0 });
  const { code, at } = await dead.closed;
  expect(code).toBe(1006);
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 1);
  expect(dead.pings.length).toBeGreaterThan(0);
});

test('a suspect that is paused and resumed is evicted only after a full timeout', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  liveness.pause(dead.peer);
  liveness.resume(dead.peer);
  const resumed = performance.now();
  const { at } = await dead.closed;
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 1);
});

test('a paused client is not closed as idle', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { ...QUICK, idleTimeout: 200 });
  const paused = await connect('/chat');
  liveness.pause(paused.peer);
  const idle = await connect('/chat');
  expect(await idle.closed).toMatchObject({ code: 4409 });
  expect(liveness.isAlive(paused.peer)).toBe(true);
  const resumed = performance.now();
  liveness.resume(paused.peer);
  const { code, at } = await paused.closed;
  expect(code).toBe(4409);
  expect(at - resumed).toBeGreaterThan(199);
});

test('pause() does not pause the socket: messages of the client are still handled', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const client = await connect('/chat');
  liveness.pause(client.peer);
  expect(client.peer.isPaused).toBe(false);
  expect(await client.request('say', 'hello')).toEqual({ event: 'said', data: 'hello' });
});

test('resume() of a client that is not paused changes nothing', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  const resuming = setInterval(() => liveness.resume(dead.peer), 20);
  expect(await dead.closed).toMatchObject({ code: 1006 });
  clearInterval(resuming);
});

test('pause() and resume() may be called twice', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  liveness.pause(peer);
  liveness.pause(peer);
  expect(liveness.get(peer)?.paused).toBe(true);
  liveness.resume(peer);
  liveness.resume(peer);
  expect(liveness.get(peer)?.paused).toBe(false);
});

test('a client whose WebSocket the application paused counts as paused and is not evicted', async () => {
  const monitored = await startMonitored([ChatGateway]);
  const { connect, events, liveness } = monitored;
  const dead = await connect('/chat', { autoPong: false });
  dead.peer.pause();
  expect(liveness.get(dead.peer)?.paused).toBe(true);
  await waitTwoTimeouts(monitored);
  expect(events.about(dead.peer)).toEqual(['connected']);
  dead.peer.resume();
  const resumed = performance.now();
  const { at } = await dead.closed;
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 50);
});

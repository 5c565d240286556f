import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored, type MonitoredApp } from '../support/monitored.js';

/** Waits for at least twice the timeout: connects two dead clients, one after the other, until each is evicted. */
async function waitTwoTimeouts({ connect }: MonitoredApp): Promise<void> {
  for (let count = 0; count < 2; count++) {
    const dead = await connect('/chat', { autoPong: false });
    expect(await dead.closed).toMatchObject({ code: 1006 });
  }
}

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

import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startGuarded, type GuardedApp } from '../support/monitored.js';

/** Lets twice the timeout pass: two dead clients live and die, one after the other. */
async function outlast({ connect }: GuardedApp): Promise<void> {
  for (let count = 0; count < 2; count++) {
    const dead = await connect('/chat', { autoPong: false });
    expect(await dead.closed).toMatchObject({ code: 1006 });
  }
}

test('a dead client is neither pinged nor judged while it is paused', async () => {
  const monitored = await startGuarded([ChatGateway]);
  const { connect, events, liveness } = monitored;
  const dead = await connect('/chat', { autoPong: false });
  liveness.pause(dead.peer);
  await outlast(monitored);
  expect(events.about(dead.peer)).toEqual(['connected']);
  expect(dead.pings).toEqual([]);
  expect(liveness.get(dead.peer)).toMatchObject({
    paused: true,
    state: 'alive',
    silence: 0,
    idle: 0,
  });
});

test('resume() starts the clocks of a client from zero', async () => {
  const monitored = await startGuarded([ChatGateway]);
  const { connect, liveness } = monitored;
  const dead = await connect('/chat', { autoPong: false });
  liveness.pause(dead.peer);
  await outlast(monitored);
  const resumed = performance.now();
  liveness.resume(dead.peer);
  expect(liveness.get(dead.peer)).toMatchObject({ paused: false, silence: 0, idle: 0 });
  const { code, at } = await dead.closed;
  expect(code).toBe(1006);
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 1);
  expect(dead.pings.length).toBeGreaterThan(0);
});

test('a suspect that is paused and resumed is judged anew', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  liveness.pause(dead.peer);
  liveness.resume(dead.peer);
  const resumed = performance.now();
  const { at } = await dead.closed;
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 1);
});

test('a paused client is not closed as idle', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway], { ...QUICK, idleTimeout: 200 });
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

test('the socket of a paused client is left alone: its messages are handled', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway]);
  const client = await connect('/chat');
  liveness.pause(client.peer);
  expect(client.peer.isPaused).toBe(false);
  expect(await client.ask('say', 'hello')).toEqual({ event: 'said', data: 'hello' });
});

test('resume() of a client that is not paused changes nothing', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  const resuming = setInterval(() => liveness.resume(dead.peer), 20);
  expect(await dead.closed).toMatchObject({ code: 1006 });
  clearInterval(resuming);
});

test('pause() and resume() may be called twice', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway]);
  const { peer } = await connect('/chat');
  liveness.pause(peer);
  liveness.pause(peer);
  expect(liveness.get(peer)?.paused).toBe(true);
  liveness.resume(peer);
  liveness.resume(peer);
  expect(liveness.get(peer)?.paused).toBe(false);
});

test('a client whose raw socket we paused counts as paused and is not judged', async () => {
  const monitored = await startGuarded([ChatGateway]);
  const { connect, events, liveness } = monitored;
  const dead = await connect('/chat', { autoPong: false });
  dead.peer.pause();
  expect(liveness.get(dead.peer)?.paused).toBe(true);
  await outlast(monitored);
  expect(events.about(dead.peer)).toEqual(['connected']);
  dead.peer.resume();
  const resumed = performance.now();
  const { at } = await dead.closed;
  expect(at - resumed).toBeGreaterThan(QUICK.timeout - 50);
});

import { expect, test } from '@jest/globals';
import type { HeartbeatEvent } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

test('a client that dies is connected, suspect, evicted and disconnected, in this order', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  const disconnected = await events.when('disconnected');
  expect(events.all.map(({ type }) => type).filter((type) => type !== 'stalled')).toEqual([
    'connected',
    'suspect',
    'evicted',
    'disconnected',
  ]);
  const [connected] = events.of('connected');
  const [suspect] = events.of('suspect');
  const [evicted] = events.of('evicted');
  expect(connected).toMatchObject({ client: dead.peer, liveness: { state: 'alive', silence: 0 } });
  expect(suspect).toMatchObject({ client: dead.peer, liveness: { state: 'suspect' } });
  expect(suspect?.liveness.silence).toBeGreaterThanOrEqual((QUICK.interval + QUICK.timeout) / 2);
  expect(suspect?.liveness.silence).toBeLessThan(QUICK.timeout);
  expect(evicted).toMatchObject({ client: dead.peer, eviction: { cause: 'unresponsive' } });
  expect(disconnected).toMatchObject({
    client: dead.peer,
    code: 1006,
    reason: '',
    liveness: { state: 'closed' },
  });
  expect(disconnected.eviction).toBe(evicted?.eviction);
});

test('every event contains its time in epoch ms', async () => {
  const before = Date.now();
  const { connect, events } = await startMonitored([ChatGateway]);
  await connect('/chat', { autoPong: false });
  await events.when('disconnected');
  const times = events.all.map(({ at }) => at);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
});

test('a suspect that sends again recovers', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const late = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  const sent = performance.now();
  late.send('say', 'I am here');
  const recovered = await events.when('recovered');
  expect(performance.now() - sent).toBeLessThan(1_000);
  expect(recovered).toMatchObject({ client: late.peer, liveness: { state: 'alive' } });
  await late.closed;
  expect(events.about(late.peer).slice(0, 5)).toEqual([
    'connected',
    'suspect',
    'recovered',
    'suspect',
    'evicted',
  ]);
});

test('a client that sends messages is never suspect', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const alive = await connect('/chat');
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  expect(events.about(alive.peer)).toEqual(['connected']);
});

test('the events of several clients do not mix', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const dead = [];
  for (let count = 0; count < 10; count++) {
    dead.push(await connect('/chat', { autoPong: false }));
  }
  await Promise.all(dead.map(({ closed }) => closed));
  for (const { peer } of dead) {
    expect(events.about(peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
  }
});

test('events$ is hot: a late subscriber does not receive earlier events', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  await connect('/chat');
  const late: HeartbeatEvent[] = [];
  const subscription = liveness.events$.subscribe((event) => void late.push(event));
  const { peer } = await connect('/chat');
  expect(late.filter(({ type }) => type !== 'stalled')).toMatchObject([
    { type: 'connected', client: peer },
  ]);
  subscription.unsubscribe();
  await connect('/chat');
  expect(late.filter(({ type }) => type === 'connected')).toHaveLength(1);
});

test('events$ completes on shutdown, after the last disconnected', async () => {
  const { close, connect, events, liveness } = await startMonitored([ChatGateway]);
  await connect('/chat');
  expect(events.isComplete).toBe(false);
  await close();
  expect(events.isComplete).toBe(true);
  expect(events.all.at(-1)?.type).toBe('disconnected');
  let isComplete = false;
  liveness.events$.subscribe({ complete: () => (isComplete = true) });
  expect(isComplete).toBe(true);
});

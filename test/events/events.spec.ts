import { expect, test } from '@jest/globals';
import type { HeartbeatEvent, HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { config } from 'rxjs';
import { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { eventually } from '../support/eventually.js';
import {
  QUICK,
  startMonitored,
  type MonitoredApp,
  type MonitoredClient,
} from '../support/monitored.js';

interface Way {
  readonly name: string;
  readonly options?: HeartbeatModuleOptions;
  readonly leave: (app: MonitoredApp, client: MonitoredClient) => unknown;
  readonly code: number;
  readonly cause?: string;
}

const ways: Way[] = [
  {
    name: 'the client closes with a code',
    leave: (_, { socket }) => socket.close(4321, 'bye'),
    code: 4321,
  },
  {
    name: 'the client closes without a code',
    leave: (_, { socket }) => socket.close(),
    code: 1005,
  },
  { name: 'the client breaks off', leave: (_, { socket }) => socket.terminate(), code: 1006 },
  { name: 'the application closes it', leave: (_, { peer }) => peer.close(4000), code: 4000 },
  { name: 'the application terminates it', leave: (_, { peer }) => peer.terminate(), code: 1006 },
  {
    name: 'disconnect() is called',
    leave: ({ liveness }, { peer }) => liveness.disconnect(peer),
    code: 1000,
    cause: 'requested',
  },
  {
    name: 'it is dead',
    leave: (_, { socket }) => socket.pause(),
    code: 1006,
    cause: 'unresponsive',
  },
  {
    name: 'it is idle',
    options: { ...QUICK, idleTimeout: 200 },
    leave: () => {},
    code: 4409,
    cause: 'idle',
  },
  {
    name: 'drain() is called',
    leave: ({ liveness }) => liveness.drain(),
    code: 1012,
    cause: 'drain',
  },
  { name: 'the application shuts down', leave: ({ close }) => close(), code: 1012, cause: 'drain' },
  {
    name: 'the application shuts down without a drain',
    options: { ...QUICK, drain: false },
    leave: ({ close }) => close(),
    code: 1006,
  },
  {
    name: 'everything happens at once',
    leave: ({ close, liveness }, { peer, socket }) => {
      liveness.disconnect(peer);
      socket.close();
      peer.terminate();
      socket.terminate();
      return Promise.all([liveness.drain(), close()]);
    },
    code: 1006,
    cause: 'requested',
  },
];

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

test.each(ways)('disconnected comes exactly once when $name', async (way) => {
  const monitored = await startMonitored([ChatGateway], way.options);
  const { close, connect, events, liveness } = monitored;
  const client = await connect('/chat');
  await way.leave(monitored, client);
  await events.when('disconnected');
  await close();
  const disconnected = events.of('disconnected');
  expect(disconnected).toHaveLength(1);
  expect(disconnected[0]).toMatchObject({ client: client.peer, code: way.code });
  expect(disconnected[0]?.eviction?.cause).toBe(way.cause);
  expect(liveness.snapshot().totals).toMatchObject({ connected: 1, disconnected: 1 });
});

test('disconnected contains the close reason of the client unchanged', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const { socket } = await connect('/chat');
  socket.close(4000, 'bye\n\u001b[31m');
  expect((await events.when('disconnected')).reason).toBe('bye\n\u001b[31m');
});

test('a subscriber that throws disturbs no other subscriber and no client where the hook is set', async () => {
  const reported: unknown[] = [];
  config.onUnhandledError = (thrown) => void reported.push(thrown);
  const { close, connect, events, liveness } = await startMonitored([ChatGateway]);
  const error = new Error('a subscriber');
  liveness.events$.subscribe(() => {
    throw error;
  });
  const after: string[] = [];
  liveness.events$.subscribe(({ type }) => after.push(type));

  const dead = await connect('/chat', { autoPong: false });
  const alive = await connect('/chat');
  expect(await dead.closed).toMatchObject({ code: 1006 });
  await events.when('disconnected');
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
  expect(after).toEqual(events.all.map(({ type }) => type));
  expect(liveness.isAlive(alive.peer)).toBe(true);
  await close();
  // RxJS throws each error from its own timer.
  expect(await eventually(() => reported.length === events.all.length)).toBe(true);
  expect(new Set(reported)).toEqual(new Set([error]));
  config.onUnhandledError = null;
});

test('a subscriber may disconnect a client in the middle of an event', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  liveness.events$.subscribe((event) => {
    if (event.type === 'suspect') liveness.disconnect(event.client, { reason: 'suspect' });
  });
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1000, reason: 'suspect' });
  await events.when('disconnected');
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
});

test('a subscriber may terminate a client the moment it is connected', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  liveness.events$.subscribe((event) => {
    if (event.type === 'connected') event.client.terminate();
  });
  const socket = new WebSocket(`${url}/chat`).on('error', () => {});
  expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1006);
  const { client: peer } = await events.when('disconnected');
  expect(events.about(peer)).toEqual(['connected', 'disconnected']);
  expect(liveness.size).toBe(0);
});

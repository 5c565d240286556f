import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService, type Eviction } from 'nestjs-heartbeat';
import { HeartbeatTestClock, openClient } from 'nestjs-heartbeat/testing';
import type { WebSocket } from 'ws';
import { connect as connectClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { LogRecorder } from '../support/log-recorder.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  readonly calls: string[] = [];
  readonly callsOf = new Map<unknown, string[]>();
  constructor(private readonly liveness: LivenessService) {}

  handleConnection(client: WebSocket): void {
    this.record(client, 'connect');
  }
  handleEvict(client: WebSocket, { cause, code }: Eviction): void {
    this.record(client, `evict ${cause} ${code} ${client.readyState}`);
  }
  handleDisconnect(client: WebSocket): void {
    this.record(client, 'disconnect');
  }
  beforeApplicationShutdown(): void {
    this.calls.push(`before shutdown with ${this.liveness.size}`);
  }
  onApplicationShutdown(): void {
    this.calls.push(`shutdown with ${this.liveness.size}`);
  }
  private record(client: WebSocket, call: string): void {
    this.calls.push(call);
    this.callsOf.set(client, [...(this.callsOf.get(client) ?? []), call]);
  }
}

/** A gateway whose `handleEvict()` returns a promise, by default one that takes 400 ms. */
@WebSocketGateway({ path: '/chat' })
class SavingGateway {
  readonly calls: string[] = [];
  save: (client: WebSocket, eviction: Eviction) => Promise<unknown> = () => delay(400);

  async handleEvict(client: WebSocket, eviction: Eviction): Promise<void> {
    this.calls.push(eviction.cause);
    await this.save(client, eviction);
    this.calls.push('saved');
  }
  onApplicationShutdown(): void {
    this.calls.push('shutdown');
  }
}

test('the hooks of all clients run before onApplicationShutdown(), where applications close databases', async () => {
  const clock = new HeartbeatTestClock();
  const { app, close, connect } = await startMonitored([ChatGateway], QUICK, { clock });
  await connect('/chat');
  await connect('/chat');
  await close();
  const { calls } = app.get(ChatGateway);
  expect(calls.filter((call) => !call.startsWith('before'))).toEqual([
    'connect',
    'connect',
    'evict drain 1012 1',
    'disconnect',
    'evict drain 1012 1',
    'disconnect',
    'shutdown with 0',
  ]);
});

test('the drain is awaited in beforeApplicationShutdown(), before Nest closes the servers', async () => {
  const order: string[] = [];
  @Injectable()
  class Reporter implements BeforeApplicationShutdown, OnApplicationShutdown {
    constructor(private readonly liveness: LivenessService) {}
    onModuleDestroy(): void {
      order.push(`destroy, draining: ${this.liveness.snapshot().draining}`);
    }
    beforeApplicationShutdown(): void {
      this.liveness.events$.subscribe(({ type }) => order.push(type));
    }
    onApplicationShutdown(): void {
      order.push('shutdown');
    }
  }

  const { close, connect } = await startMonitored([ChatGateway, Reporter]);
  await connect('/chat');
  await close();
  expect(order.filter((step) => step !== 'stalled' && step !== 'draining')).toEqual([
    'destroy, draining: false',
    'evicted',
    'disconnected',
    'shutdown',
  ]);
});

test('a client that connects during the drain is closed with 1012, after handleConnection()', async () => {
  const { app, close, connect, events, url } = await startMonitored([ChatGateway], {});
  for (let count = 0; count < 20; count++) await connect('/chat');
  const closed = close();
  await events.when('draining');
  const late = await connectClient(`${url}/chat`);
  expect(await late.closed).toMatchObject({ code: 1012, reason: 'server restarts' });
  await closed;
  expect(events.of('connected')).toHaveLength(21);
  expect(events.of('disconnected')).toHaveLength(21);
  expect(events.of('disconnected').every(({ code }) => code === 1012)).toBe(true);
  const { callsOf } = app.get(ChatGateway);
  expect([...callsOf.values()]).toEqual(
    Array.from({ length: 21 }, () => ['connect', 'evict drain 1012 1', 'disconnect']),
  );
});

test('with drain: false Nest terminates all clients at once', async () => {
  const { app, close, connect, events } = await startMonitored([ChatGateway], {
    ...QUICK,
    drain: false,
  });
  const clients = [await connect('/chat'), await connect('/chat')];
  await close();
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1006 });
  expect(events.of('draining')).toEqual([]);
  expect(events.of('evicted')).toEqual([]);
  expect(events.of('disconnected').map(({ code }) => code)).toEqual([1006, 1006]);
  const { calls } = app.get(ChatGateway);
  expect(calls.filter((call) => call.startsWith('evict'))).toEqual([]);
});

test('a dead client does not delay the drain: it is evicted during the drain', async () => {
  const { close, connect, events } = await startMonitored([ChatGateway]);
  for (let count = 0; count < 20; count++) await connect('/chat');
  const dead = await connect('/chat', { autoPong: false });
  await close();
  expect(await dead.closed).toMatchObject({ code: 1006 });
  const { eviction } = await events.when('disconnected', ({ client }) => client === dead.peer);
  expect(eviction?.cause).toBe('unresponsive');
});

test('no client can connect after the shutdown', async () => {
  const { close, url } = await startMonitored([ChatGateway]);
  await close();
  await expect(openClient(`${url}/chat`)).rejects.toThrow(/ECONNREFUSED|ENOENT/);
});

test('shutdown waits for the promises of handleEvict()', async () => {
  const { app, close, connect, liveness } = await startMonitored([SavingGateway]);
  await connect('/chat');
  const started = performance.now();
  await close();
  expect(app.get(SavingGateway).calls).toEqual(['drain', 'saved', 'shutdown']);
  expect((await liveness.drain()).duration).toBeGreaterThanOrEqual(400);
  expect(performance.now() - started).toBeLessThan(4_000);
});

test('drain() waits for the promises of handleEvict()', async () => {
  const { app, connect, liveness } = await startMonitored([SavingGateway]);
  await connect('/chat');
  await connect('/chat');
  await liveness.drain();
  expect(app.get(SavingGateway).calls.filter((call) => call === 'saved')).toHaveLength(2);
});

test('shutdown waits for the promises of earlier evictions', async () => {
  const { app, close, connect, events, liveness } = await startMonitored([SavingGateway]);
  const { peer } = await connect('/chat');
  liveness.disconnect(peer);
  await events.when('disconnected');
  expect(app.get(SavingGateway).calls).toEqual(['requested']);
  await close();
  expect(app.get(SavingGateway).calls).toEqual(['requested', 'saved', 'shutdown']);
});

test('a client that connects while the drain waits for hooks is closed before the drain ends', async () => {
  const { app, connect, events, liveness, url } = await startMonitored([SavingGateway]);
  const { peer } = await connect('/chat');
  const gateway = app.get(SavingGateway);
  let save: () => void = () => {};
  gateway.save = (client) =>
    client === peer ? new Promise<void>((resolve) => (save = resolve)) : Promise.resolve();
  const drained = liveness.drain();
  await events.when('disconnected');
  const late = await connectRaw(`${url}/chat`);
  await events.when('evicted', ({ client }) => client !== peer);
  await eventually(() => gateway.calls.includes('saved'));
  save();
  // Within this time a drain that does not wait for the client would terminate it.
  await delay(100);
  late.socket.end();
  expect(await drained).toMatchObject({ closed: 2, terminated: 0 });
  expect(liveness.size).toBe(0);
  expect(gateway.calls).toEqual(['drain', 'drain', 'saved', 'saved']);
});

test('promises that do not settle are logged, and the drain ends 5 s after its window', async () => {
  const logger = new LogRecorder();
  const options = { ...QUICK, drain: { within: 200 } };
  const { app, close, connect } = await startMonitored([SavingGateway], options, { logger });
  const gateway = app.get(SavingGateway);
  const [first] = [await connect('/chat'), await connect('/chat'), await connect('/chat')];
  gateway.save = (client) => (client === first.peer ? delay(1) : new Promise(() => {}));
  const started = performance.now();
  await close();
  const duration = performance.now() - started;
  expect(duration).toBeGreaterThan(5_199);
  expect(duration).toBeLessThan(7_000);
  expect(gateway.calls.toSorted()).toEqual(['drain', 'drain', 'drain', 'saved', 'shutdown']);
  expect(gateway.calls.at(-1)).toBe('shutdown');
  expect(logger.of('warn')).toEqual([
    '2 promises of handleEvict() did not settle in time. The drain ends without waiting for them. ' +
      'Make the hooks faster, or raise `drain.within`.',
  ]);
});

test('a promise that rejects is logged, and does not delay the shutdown', async () => {
  const logger = new LogRecorder();
  const { app, close, connect } = await startMonitored([SavingGateway], QUICK, { logger });
  await connect('/chat');
  app.get(SavingGateway).save = () => Promise.reject(new Error('no database'));
  const started = performance.now();
  await close();
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(logger.of('error')).toEqual(['SavingGateway.handleEvict() failed: no database']);
  expect(logger.of('warn')).toEqual([]);
});

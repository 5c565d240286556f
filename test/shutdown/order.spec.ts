import { expect, test } from '@jest/globals';
import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService, type Eviction } from 'nestjs-heartbeat';
import { WebSocket } from 'ws';
import { connect as connectClient, watchClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';

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

test('the hooks of all clients run before onApplicationShutdown(), where applications close databases', async () => {
  const { app, close, connect } = await startMonitored([ChatGateway]);
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
  expect(await watchClient(new WebSocket(`${url}/chat`)).closed).toMatchObject({ code: 1006 });
});

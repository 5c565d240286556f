import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, type HeartbeatOptions } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { createApp } from '../support/app.js';
import { freePort } from '../support/free-port.js';
import { QUICK, startMonitored } from '../support/monitored.js';

test('a gateway on the HTTP port is monitored', async () => {
  @WebSocketGateway()
  class RootGateway {}

  const { connect, events, liveness } = await startMonitored([RootGateway]);
  const client = await connect();
  expect(liveness.get(client.peer)?.gateways).toEqual(['RootGateway']);
  await expect(liveness.probe(client.peer)).resolves.toBeGreaterThan(0);

  const dead = await connect('/', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(events.of('evicted').map(({ client }) => client)).toEqual([dead.peer]);
});

test('gateways on several paths of the HTTP server are monitored, each with its own clients', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {}
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {}

  const { connect, events, liveness } = await startMonitored([ChatGateway, OrdersGateway]);
  const chat = await connect('/chat', { autoPong: false });
  const orders = await connect('/orders', { autoPong: false });
  expect(liveness.get(chat.peer)?.gateways).toEqual(['ChatGateway']);
  expect(liveness.get(orders.peer)?.gateways).toEqual(['OrdersGateway']);

  await Promise.all([chat.closed, orders.closed]);
  expect(events.of('evicted').map(({ eviction }) => eviction.cause)).toEqual([
    'unresponsive',
    'unresponsive',
  ]);
});

test('a gateway on its own port is monitored', async () => {
  const port = await freePort();
  @WebSocketGateway(port)
  class PortGateway {}

  const { connect, events, liveness } = await startMonitored([PortGateway]);
  const dead = await connect(`ws://127.0.0.1:${port}`, { autoPong: false });
  expect(liveness.get(dead.peer)?.gateways).toEqual(['PortGateway']);
  await dead.closed;
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
});

test('gateways on several paths of a separate port are monitored', async () => {
  const port = await freePort();
  @WebSocketGateway(port, { path: '/left' })
  class LeftGateway {}
  @WebSocketGateway(port, { path: '/right' })
  class RightGateway {}

  const { connect, liveness } = await startMonitored([LeftGateway, RightGateway]);
  const left = await connect(`ws://127.0.0.1:${port}/left`, { autoPong: false });
  const right = await connect(`ws://127.0.0.1:${port}/right`, { autoPong: false });
  expect(liveness.get(left.peer)?.gateways).toEqual(['LeftGateway']);
  expect(liveness.get(right.peer)?.gateways).toEqual(['RightGateway']);
  await Promise.all([left.closed, right.closed]);
});

test('one application monitors gateways on the HTTP port and on separate ports', async () => {
  const port = await freePort();
  @WebSocketGateway()
  class HttpGateway {}
  @WebSocketGateway(port)
  class PortGateway {}

  const { connect, liveness } = await startMonitored([HttpGateway, PortGateway]);
  await connect();
  await connect(`ws://127.0.0.1:${port}`);
  expect([...liveness.clients()].map(({ gateways }) => gateways)).toEqual([
    ['HttpGateway'],
    ['PortGateway'],
  ]);
});

test('gateways that share a path share the connection', async () => {
  @WebSocketGateway({ path: '/shared' })
  class FirstGateway {}
  @WebSocketGateway({ path: '/shared' })
  class SecondGateway {}

  const { connect, events, liveness } = await startMonitored([FirstGateway, SecondGateway]);
  const { peer } = await connect('/shared');
  expect(liveness.size).toBe(1);
  expect([...(liveness.get(peer)?.gateways ?? [])].toSorted()).toEqual([
    'FirstGateway',
    'SecondGateway',
  ]);
  expect(events.of('connected')).toHaveLength(1);
  expect([...liveness.clients({ gateway: FirstGateway })]).toHaveLength(1);
  expect([...liveness.clients({ gateway: 'SecondGateway' })]).toHaveLength(1);
});

test('the hooks of all gateways of a server are called, each once per event', async () => {
  const called: string[] = [];
  class Hooks {
    handleSuspect(_client: WebSocket): void {
      called.push(`${this.constructor.name} suspect`);
    }
    handleEvict(_client: WebSocket): void {
      called.push(`${this.constructor.name} evict`);
    }
  }
  @WebSocketGateway({ path: '/shared' })
  class FirstGateway extends Hooks {}
  @WebSocketGateway({ path: '/shared' })
  class SecondGateway extends Hooks {}

  const { connect } = await startMonitored([FirstGateway, SecondGateway]);
  const dead = await connect('/shared', { autoPong: false });
  await dead.closed;
  expect(called.toSorted()).toEqual([
    'FirstGateway evict',
    'FirstGateway suspect',
    'SecondGateway evict',
    'SecondGateway suspect',
  ]);
});

test('an undecorated gateway uses the options of a decorated one on the same server', async () => {
  @WebSocketGateway({ path: '/shared' })
  class PlainGateway {}
  @Heartbeat(QUICK)
  @WebSocketGateway({ path: '/shared' })
  class DecoratedGateway {}

  const { connect, liveness } = await startMonitored([PlainGateway, DecoratedGateway], {});
  expect(liveness.snapshot().servers.map(({ policy }) => policy.timeout)).toEqual([300]);
  await (
    await connect('/shared', { autoPong: false })
  ).closed;
});

test('an undecorated gateway is exempt where another gateway of its server is exempt', async () => {
  @WebSocketGateway({ path: '/shared' })
  class PlainGateway {}
  @Heartbeat(false)
  @WebSocketGateway({ path: '/shared' })
  class ExemptGateway {}
  @WebSocketGateway({ path: '/other' })
  class OtherGateway {}

  const { liveness } = await startMonitored([PlainGateway, ExemptGateway, OtherGateway]);
  expect(liveness.snapshot().servers.map(({ name }) => name)).toEqual(['OtherGateway']);
});

test('gateways of one server can both be decorated with equal options', async () => {
  @Heartbeat({ interval: 120, limits: { pings: { rate: 1, burst: 2 } } })
  @WebSocketGateway({ path: '/shared' })
  class FirstGateway {}
  @Heartbeat({ limits: { pings: { burst: 2, rate: 1 } }, interval: 120 })
  @WebSocketGateway({ path: '/shared' })
  class SecondGateway {}

  const { liveness } = await startMonitored([FirstGateway, SecondGateway]);
  expect(liveness.snapshot().servers.map(({ gateways }) => gateways.length)).toEqual([2]);
});

test.each<[string, HeartbeatOptions | false, HeartbeatOptions | false]>([
  ['different intervals', { interval: 100 }, { interval: 120 }],
  ['different limits', { limits: { pings: { rate: 1, burst: 2 } } }, { limits: false }],
  ['an exempt one beside a monitored one', false, { interval: 100 }],
  ['a monitored one beside an exempt one', {}, false],
])('gateways that share a server with %s are refused', async (_, first, second) => {
  const port = await freePort();
  @Heartbeat(first)
  @WebSocketGateway(port)
  class FirstGateway {}
  @Heartbeat(second)
  @WebSocketGateway(port)
  class SecondGateway {}

  const app = await createApp({
    imports: [HeartbeatModule.forRoot(QUICK)],
    providers: [FirstGateway, SecondGateway],
  });
  await expect(app.init()).rejects.toMatchObject({
    code: 'HEARTBEAT_OPTIONS',
    message: expect.stringMatching(
      /^(FirstGateway and SecondGateway|SecondGateway and FirstGateway) share one WebSocket server, but have different heartbeat options.*Give both the same @Heartbeat\(\)/,
    ) as unknown,
  });
  await app.close();
});

test('gateways on different paths can have different options', async () => {
  @Heartbeat({ timeout: 400 })
  @WebSocketGateway({ path: '/one' })
  class FirstGateway {}
  @Heartbeat({ timeout: 600 })
  @WebSocketGateway({ path: '/two' })
  class SecondGateway {}

  const { liveness } = await startMonitored([FirstGateway, SecondGateway]);
  const timeouts = liveness.snapshot().servers.map(({ name, policy }) => [name, policy.timeout]);
  expect(Object.fromEntries(timeouts)).toEqual({ FirstGateway: 400, SecondGateway: 600 });
});

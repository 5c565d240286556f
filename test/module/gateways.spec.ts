import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { freePort } from '../support/free-port.js';
import { startMonitored } from '../support/monitored.js';

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

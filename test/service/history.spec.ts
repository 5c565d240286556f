import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatOptionsError, type ClosedConnection } from 'nestjs-heartbeat';
import { WebSocket, WebSocketServer } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import {
  QUICK,
  startMonitored,
  type MonitoredApp,
  type MonitoredClient,
} from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {}

/** The entry of the last client that closed. */
function last({ liveness }: MonitoredApp): ClosedConnection | undefined {
  return liveness.history()[0];
}

/** Frames from a client, masked with zeros. */
const CLOSE_4321 = Buffer.from([0x88, 0x84, 0, 0, 0, 0, 0x10, 0xe1, 0x68, 0x69]);
const CLOSE_WITHOUT_CODE = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
const RESERVED_OPCODE = Buffer.from([0x83, 0x80, 0, 0, 0, 0]);
const INVALID_UTF8 = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]);

const NONE = { server: 0, client: 0, application: 0, network: 0 };

type End = (client: MonitoredClient, app: MonitoredApp) => void;

test.each<[string, End, Partial<ClosedConnection>]>([
  [
    'the module, of a dead client',
    ({ socket }) => socket.pause(),
    { by: 'server', cause: 'unresponsive', level: 'transport', code: 1006, reason: '' },
  ],
  [
    'disconnect()',
    ({ peer }, { liveness }) => liveness.disconnect(peer, { code: 4001, reason: 'kicked' }),
    { by: 'application', cause: 'requested', code: 4001, reason: 'kicked' },
  ],
  [
    'the application, by close() with a code',
    ({ peer }) => peer.close(4002, 'bye'),
    { by: 'application', code: 4002, reason: 'bye' },
  ],
  [
    'the application, by close() without a code',
    ({ peer }) => peer.close(),
    { by: 'application', code: 1005, reason: '' },
  ],
  [
    'the application, by terminate()',
    ({ peer }) => peer.terminate(),
    { by: 'application', code: 1006, reason: '' },
  ],
  [
    'the client, with a code and a reason',
    ({ socket }) => socket.close(4003, 'done'),
    { by: 'client', code: 4003, reason: 'done' },
  ],
  [
    'the client, with a code of protocol errors',
    ({ socket }) => socket.close(1002),
    { by: 'client', code: 1002, reason: '' },
  ],
  ['the client, without a code', ({ socket }) => socket.close(), { by: 'client', code: 1005 }],
  [
    'the network: the client is terminated',
    ({ socket }) => socket.terminate(),
    { by: 'network', code: 1006, reason: '' },
  ],
  [
    'disconnect(), although the client closes afterwards',
    ({ peer, socket }, { liveness }) => {
      liveness.disconnect(peer, { code: 4004 });
      socket.close(4005);
    },
    { by: 'application', cause: 'requested', code: 4004 },
  ],
])('a connection closed by %s', async (_, end, expected) => {
  const app = await startMonitored([ChatGateway]);
  const client = await app.connect('/chat');
  const { id } = app.liveness.get(client.peer) ?? {};
  const disconnected = app.events.next('disconnected');
  end(client, app);
  await disconnected;
  const closed = last(app);
  expect(closed).toMatchObject({
    ...expected,
    id,
    gateways: ['ChatGateway'],
    timeout: QUICK.timeout,
  });
  expect(closed?.cause).toBe(expected.cause);
  const { totals } = app.liveness.snapshot();
  expect(totals.closedBy).toEqual({
    ...NONE,
    [expected.by as string]: 1,
  });
});

test.each<[string, Buffer, Partial<ClosedConnection>]>([
  ['a close frame', CLOSE_4321, { by: 'client', code: 4321, reason: 'hi' }],
  ['a close frame without a code', CLOSE_WITHOUT_CODE, { by: 'client', code: 1005, reason: '' }],
  ['a protocol error', RESERVED_OPCODE, { by: 'server', code: 1002, reason: '' }],
  ['invalid UTF-8', INVALID_UTF8, { by: 'server', code: 1007, reason: '' }],
])('a client that sends %s', async (_, bytes, expected) => {
  const app = await startMonitored([ChatGateway]);
  const disconnected = app.events.next('disconnected');
  const raw = await connectRaw(`${app.url}/chat`);
  raw.socket.write(bytes);
  await disconnected;
  raw.socket.destroy();
  expect(last(app)).toMatchObject(expected);
  expect(last(app)?.cause).toBeUndefined();
});

test('an entry is frozen, equals itself after JSON, and holds what is known of the connection', async () => {
  const app = await startMonitored([ChatGateway]);
  const { peer, socket } = await app.connect('/chat');
  app.liveness.admit(peer, 'user 7');
  await app.liveness.probe(peer);
  const before = app.liveness.get(peer);
  const disconnected = app.events.next('disconnected');
  socket.close(4000);
  await disconnected;
  const closed = last(app) as ClosedConnection;
  expect(JSON.parse(JSON.stringify(closed))).toEqual(closed);
  expect(Object.isFrozen(closed)).toBe(true);
  expect(closed).toMatchObject({
    label: 'user 7',
    connectedAt: before?.connectedAt,
    remoteAddress: before?.remoteAddress,
    bufferedBytes: 0,
  });
  expect(closed.rtt?.last).toBeGreaterThan(0);
  expect(closed.closedAt).toBeGreaterThanOrEqual(closed.connectedAt);
  expect(closed.silence).toBeGreaterThanOrEqual(0);
});

test('the history is filtered, limited, and ordered from the newest', async () => {
  const app = await startMonitored([ChatGateway, OrdersGateway]);
  const ends = ['client', 'server', 'client', 'application'] as const;
  for (const [index, by] of ends.entries()) {
    const client = await app.connect(index % 2 ? '/orders' : '/chat');
    const disconnected = app.events.next('disconnected');
    if (by === 'client') client.socket.close(4000 + index);
    if (by === 'server') client.socket.pause();
    if (by === 'application') client.peer.close(4000 + index);
    await disconnected;
  }
  const codes = (...filter: Parameters<typeof app.liveness.history>) =>
    app.liveness.history(...filter).map(({ code }) => code);
  expect(codes()).toEqual([4003, 4002, 1006, 4000]);
  expect(codes({ limit: 2 })).toEqual([4003, 4002]);
  expect(codes({ limit: 0 })).toEqual([]);
  expect(codes({ by: 'client' })).toEqual([4002, 4000]);
  expect(codes({ by: 'client', limit: 1 })).toEqual([4002]);
  expect(codes({ cause: 'unresponsive' })).toEqual([1006]);
  expect(codes({ gateway: OrdersGateway })).toEqual([4003, 1006]);
  expect(codes({ gateway: 'ChatGateway' })).toEqual([4002, 4000]);
  expect(() => codes({ gateway: 'Other' })).toThrow(HeartbeatOptionsError);
  expect(() => codes({ limit: -1 })).toThrow(/limit/);
  await app.close();
  expect(codes()).toEqual([4003, 4002, 1006, 4000]);
  expect(codes({ gateway: OrdersGateway })).toEqual([4003, 1006]);
});

test.each([
  [2, [4003, 4002]],
  [0, []],
])('with history: %d as many are remembered', async (history, expected) => {
  const app = await startMonitored([ChatGateway], { ...QUICK, history });
  for (let index = 0; index < 4; index++) {
    const { socket } = await app.connect('/chat');
    const disconnected = app.events.next('disconnected');
    socket.close(4000 + index);
    await disconnected;
  }
  expect(app.liveness.history().map(({ code }) => code)).toEqual(expected);
  expect(app.liveness.snapshot().totals.closedBy.client).toBe(4);
});

test('clients are of a subclass with the same name, and the option of their server is restored', async () => {
  const server = new WebSocketServer({ port: 0 });
  const { WebSocket: original } = server.options;
  const app = await startMonitored([ChatGateway]);
  const unwatch = app.liveness.watch(server);
  const connected = app.events.next('connected');
  const socket = new WebSocket(`ws://localhost:${(server.address() as AddressInfo).port}`);
  const { client } = await connected;
  expect(client).toBeInstanceOf(original);
  expect(client.constructor.name).toBe('WebSocket');
  unwatch();
  expect(server.options.WebSocket).toBe(original);
  const closed = once(socket, 'close');
  client.close(4000);
  expect(await closed).toContain(4000);
  server.close();
});

test('a dry run and watch() that is undone leave no entry', async () => {
  const app = await startMonitored([ChatGateway], { ...QUICK, dryRun: true });
  const { socket } = await app.connect('/chat', { autoPong: false });
  await app.events.next('evicted');
  expect(app.liveness.history()).toEqual([]);
  expect(app.liveness.snapshot().totals).toMatchObject({
    evicted: { unresponsive: 0 },
    dryRun: { unresponsive: 1 },
  });
  socket.terminate();
  await once(socket, 'close');
});

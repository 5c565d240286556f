import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocketGateway, WebSocketServer as InjectServer } from '@nestjs/websockets';
import { HeartbeatOptionsError } from 'nestjs-heartbeat';
import { WebSocketServer, type WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

const servers = new Set<WebSocketServer>();

/** Starts a plain `ws` server without a gateway. */
async function startServer(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.add(server);
  server.on('connection', (client) => client.on('error', () => {}));
  await once(server, 'listening');
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

afterEach(() => {
  for (const server of servers) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
  servers.clear();
});

const listeners = (emitter: WebSocketServer | WebSocket) =>
  emitter.eventNames().map((event) => [event, emitter.listenerCount(event)]);

test('clients of a watched server are tracked, and dead ones are evicted', async () => {
  const { events, liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  liveness.watch(server);
  const dead = await connect(url, { autoPong: false });
  const { client } = await events.when('connected');
  expect(server.clients.has(client)).toBe(true);
  expect(liveness.get(client)?.gateways).toEqual(['watched']);
  expect([...liveness.clients({ gateway: 'watched' })]).toHaveLength(1);
  expect(liveness.snapshot().servers).toMatchObject([{ name: 'watched', alive: 1 }]);
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(events.about(client)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
});

test('watch() takes options for its server', async () => {
  const { liveness } = await startMonitored([], { interval: 5_000, timeout: 10_000 });
  const { server, url } = await startServer();
  liveness.watch(server, { ...QUICK, idleTimeout: 200 });
  expect(liveness.snapshot().servers[0]?.policy).toMatchObject({ ...QUICK, idleTimeout: 200 });
  const idle = await connect(url);
  expect(await idle.closed).toMatchObject({ code: 4409 });
});

test('a client that connected before watch() is tracked from then on', async () => {
  const { events, liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  const existing = await connect(url, { autoPong: false });
  const watched = performance.now();
  liveness.watch(server);
  expect(liveness.size).toBe(1);
  const { code, at } = await existing.closed;
  expect(code).toBe(1006);
  expect(at - watched).toBeGreaterThan(QUICK.timeout - 1);
  expect(events.of('evicted')).toHaveLength(1);
});

test('a client that connected before watch() and answers pings stays connected', async () => {
  const { liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  await connect(url);
  liveness.watch(server);
  const dead = await connect(url, { autoPong: false });
  await dead.closed;
  expect([...liveness.clients()].map(({ state }) => state)).toEqual(['alive']);
});

test('unwatching a server removes its clients and all listeners, and closes no client', async () => {
  const { events, liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  const client = await connect(url);
  const [peer] = server.clients as Iterable<WebSocket> as [WebSocket];
  const before = [listeners(server), listeners(peer)];

  const unwatch = liveness.watch(server);
  expect([listeners(server), listeners(peer)]).not.toEqual(before);
  unwatch();
  expect([listeners(server), listeners(peer)]).toEqual(before);
  expect(liveness.size).toBe(0);
  expect(liveness.get(peer)).toBeUndefined();
  expect(liveness.snapshot().servers).toEqual([]);
  expect(events.about(peer)).toEqual(['connected', 'unwatched']);
  expect(liveness.snapshot().totals).toMatchObject({ connected: 1, disconnected: 0 });
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  await connect(url);
  expect(liveness.size).toBe(0);
});

test('a client that is closing when its server is unwatched is tracked until it is closed', async () => {
  const { events, liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  const unwatch = liveness.watch(server);
  const own = await connect(url);
  const closedByServer = (await events.when('connected')).client;
  const next = events.next('connected');
  await connect(url);
  const evicted = (await next).client;
  closedByServer.close(4000, 'bye');
  liveness.disconnect(evicted, { code: 4001 });
  unwatch();
  expect(liveness.size).toBe(2);
  const ends = [
    await events.when('disconnected', ({ client }) => client === closedByServer),
    await events.when('disconnected', ({ client }) => client === evicted),
  ];
  expect(ends.map(({ code, eviction }) => [code, eviction?.cause])).toEqual([
    [4000, undefined],
    [4001, 'requested'],
  ]);
  expect(await own.closed).toMatchObject({ code: 4000, reason: 'bye' });
  expect(events.about(closedByServer)).toEqual(['connected', 'disconnected']);
  expect(liveness.size).toBe(0);
});

test('unwatching a server rejects the pending probes of its clients', async () => {
  const { events, liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  const unwatch = liveness.watch(server, { interval: 5_000, timeout: 10_000 });
  await connect(url, { autoPong: false });
  const probing = liveness.probe((await events.when('connected')).client);
  unwatch();
  await expect(probing).rejects.toMatchObject({ code: 'HEARTBEAT_CLIENT_DISCONNECTED' });
});

test('watched servers have unique names', async () => {
  const { liveness } = await startMonitored([]);
  const [first, second, third, fourth] = [
    await startServer(),
    await startServer(),
    await startServer(),
    await startServer(),
  ] as const;
  liveness.watch(first.server);
  const unwatch = liveness.watch(second.server);
  liveness.watch(third.server, { name: 'feed', interval: 50 });
  const names = () => liveness.snapshot().servers.map(({ name }) => name);
  expect(names()).toEqual(['watched', 'watched-2', 'feed']);
  unwatch();
  liveness.watch(fourth.server, { name: 'feed' });
  expect(names()).toEqual(['watched', 'feed', 'feed-2']);
  await connect(fourth.url);
  expect([...liveness.clients({ gateway: 'feed-2' })]).toMatchObject([{ gateways: ['feed-2'] }]);
  expect(liveness.snapshot().servers[2]).toMatchObject({ gateways: ['feed-2'], alive: 1 });
});

test('a server can be watched again, and the first unwatch function does not end the second watch()', async () => {
  const { liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  await connect(url);
  const unwatch = liveness.watch(server);
  unwatch();
  liveness.watch(server);
  expect(liveness.size).toBe(1);
  unwatch();
  expect(liveness.size).toBe(1);
});

test('watching a server twice throws', async () => {
  const { liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  liveness.watch(server);
  expect(() => liveness.watch(server)).toThrow(
    'LivenessService.watch() was called with a server that is monitored already. Call the function that the first ' +
      'watch() returned before you watch the server again. Servers of gateways need no watch().',
  );
  await connect(url);
  expect(liveness.size).toBe(1);
});

test('watching the server of a monitored gateway throws', async () => {
  @WebSocketGateway({ path: '/own' })
  class OwnGateway {
    @InjectServer()
    readonly server!: WebSocketServer;
  }

  const { app, liveness } = await startMonitored([OwnGateway]);
  expect(() => liveness.watch(app.get(OwnGateway).server)).toThrow('monitored already');
});

test.each([undefined, null, 5, 'server', {}, () => {}])(
  'watch() throws for %p, which is not a server',
  async (value) => {
    const { liveness } = await startMonitored([]);
    expect(() => liveness.watch(value as never)).toThrow(HeartbeatOptionsError);
    expect(() => liveness.watch(value as never)).toThrow(
      'LivenessService.watch() takes a WebSocketServer of the `ws` package. Pass `new WebSocketServer(…)` itself.',
    );
  },
);

test.each<[object | null, string]>([
  [{ interval: 0 }, 'watch(): `interval` is 0. Set a number of milliseconds above 0'],
  [{ drain: false }, 'watch(): `drain` is an option of the whole module.'],
  [{ interval: 5, timeout: 5 }, 'watch(): `interval` (5 ms) must be smaller than `timeout` (5 ms)'],
  [null, 'watch() takes an object of options, not null.'],
  [{ name: '' }, 'watch(): `name` is "". Set a name, or leave it out.'],
  [{ name: 5 }, 'watch(): `name` is 5.'],
])('watch() throws for the options %p and tracks no client', async (options, text) => {
  const { liveness } = await startMonitored([ChatGateway]);
  const { server, url } = await startServer();
  expect(() => liveness.watch(server, options as object)).toThrow(text);
  await connect(url);
  expect(liveness.size).toBe(0);
});

test('without a drain, shutdown unwatches the open clients of a watched server and does not close them', async () => {
  const { close, events, liveness } = await startMonitored([], { ...QUICK, drain: false });
  const { server, url } = await startServer();
  liveness.watch(server);
  const client = await connect(url);
  const { client: peer } = await events.when('connected');
  const closing = await connectRaw(url);
  const { client: other } = await events.when('connected', (event) => event.client !== peer);
  other.close(4000);
  await close();
  expect(events.about(peer)).toEqual(['connected', 'unwatched']);
  expect(events.about(other)).toEqual(['connected', 'disconnected']);
  expect(liveness.get(peer)).toBeUndefined();
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  await closing.ended;
});

test('shutdown drains the clients of a watched server and removes its listeners', async () => {
  const { close, events, liveness } = await startMonitored([]);
  const { server, url } = await startServer();
  const before = listeners(server);
  liveness.watch(server);
  const client = await connect(url);
  await close();
  expect(await client.closed).toMatchObject({ code: 1012, reason: 'server restarts' });
  expect(events.of('disconnected')[0]?.eviction?.cause).toBe('drain');
  expect(listeners(server)).toEqual(before);
  const later = await connect(url);
  expect(later.socket.readyState).toBe(later.socket.OPEN);
});

test('bytes sent to a client that connected before watch() are no sign of life', async () => {
  const { server, url } = await startServer();
  const connected = once(server, 'connection');
  const raw = await connectRaw(url);
  await connected;
  raw.socket.pause();
  const { events, liveness } = await startMonitored([]);
  liveness.watch(server, { interval: 200, timeout: 600, limits: false });
  const [client] = server.clients;
  const sending = setInterval(() => client?.send(Buffer.alloc(1_048_576, 1)), 20);
  const { eviction } = await events.when('evicted');
  clearInterval(sending);
  expect(eviction).toMatchObject({ cause: 'unresponsive', code: 1006 });
  raw.socket.destroy();
});

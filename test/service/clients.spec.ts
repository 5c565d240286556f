import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService, type Liveness, type LivenessState } from 'nestjs-heartbeat';
import { WebSocketServer, type WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';
import { onUnix } from '../support/unix.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {}

@WebSocketGateway({ path: '/unused' })
class UnusedGateway {}

/** A gateway that reads the liveness of a client in `handleDisconnect()`. */
@WebSocketGateway({ path: '/chat' })
class ReadingGateway {
  readonly states = new Map<WebSocket, Liveness | undefined>();
  readonly wasAlive: boolean[] = [];
  constructor(private readonly liveness: LivenessService) {}
  handleDisconnect(client: WebSocket): void {
    this.states.set(client, this.liveness.get(client));
    this.wasAlive.push(this.liveness.isAlive(client));
  }
}

test('size counts connections until they are closed', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  expect(liveness.size).toBe(0);
  const first = await connect('/chat');
  const second = await connect('/chat');
  expect(liveness.size).toBe(2);

  first.socket.close();
  await events.when('disconnected', ({ client }) => client === first.peer);
  expect(liveness.size).toBe(1);
  second.socket.terminate();
  await events.when('disconnected', ({ client }) => client === second.peer);
  expect(liveness.size).toBe(0);
});

test('get() returns a frozen snapshot of a client', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const before = Date.now();
  const { peer } = await connect('/chat');
  const snapshot = liveness.get(peer);
  const address: unknown = expect.stringContaining('127.0.0.1');
  expect(snapshot).toEqual({
    id: expect.stringMatching(/^[\w-]{16,}$/) as unknown,
    client: peer,
    gateways: ['ChatGateway'],
    state: 'alive',
    connectedAt: expect.any(Number) as unknown,
    remoteAddress: onUnix ? undefined : address,
    silence: 0,
    applicationSilence: 0,
    idle: 0,
    bufferedBytes: 0,
    ...QUICK,
    admitted: false,
    paused: false,
    rtt: undefined,
  });
  expect(snapshot?.connectedAt).toBeGreaterThanOrEqual(before);
  expect(snapshot?.connectedAt).toBeLessThanOrEqual(Date.now());
  expect(Object.isFrozen(snapshot)).toBe(true);
  expect(Object.isFrozen(snapshot?.gateways)).toBe(true);
  expect(liveness.get(peer)?.id).toBe(snapshot?.id);
  expect(liveness.get(peer)).not.toBe(snapshot);
});

test('every connection has a unique id', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  for (let count = 0; count < 5; count++) await connect('/chat');
  expect(new Set([...liveness.clients()].map(({ id }) => id)).size).toBe(5);
});

test('a pong resets silence, but not idle', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  const { silence, idle, applicationSilence } = (await events.when('suspect')).liveness;
  expect(silence).toBeGreaterThanOrEqual(200);
  expect(idle).toBeGreaterThanOrEqual(silence);
  expect(applicationSilence).toBeGreaterThanOrEqual(silence);

  dead.socket.pong();
  const recovered = (await events.when('recovered')).liveness;
  expect(recovered.silence).toBeLessThan(100);
  expect(recovered.idle).toBeGreaterThan(silence);

  await dead.request('say');
  expect(liveness.get(dead.peer)).toMatchObject({ silence: 0, idle: 0, applicationSilence: 0 });
});

test('isAlive() is true for a suspect, and false once a client is evicted or closing', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  expect(liveness.isAlive(dead.peer)).toBe(true);
  await events.when('suspect');
  expect(liveness.isAlive(dead.peer)).toBe(true);
  await events.when('evicted');
  expect(liveness.isAlive(dead.peer)).toBe(false);

  const closing = await connect('/chat');
  closing.peer.close();
  expect(liveness.isAlive(closing.peer)).toBe(false);
  expect(liveness.get(closing.peer)?.state).toBe('alive');
});

test('clients() filters by gateway, given as a class or a name', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway, OrdersGateway]);
  const chat = await connect('/chat');
  const orders = await connect('/orders');
  const peers = (filter?: Parameters<typeof liveness.clients>[0]) =>
    [...liveness.clients(filter)].map(({ client }) => client);
  expect(peers()).toEqual([chat.peer, orders.peer]);
  expect(peers({})).toEqual([chat.peer, orders.peer]);
  expect(peers({ gateway: ChatGateway })).toEqual([chat.peer]);
  expect(peers({ gateway: 'OrdersGateway' })).toEqual([orders.peer]);
});

test.each([['MissingGateway'], [UnusedGateway], [5 as never]])(
  'clients() throws at the call for %p, which is not a gateway of a monitored server',
  async (gateway) => {
    const { liveness } = await startMonitored([ChatGateway, OrdersGateway]);
    const error = {
      code: 'HEARTBEAT_OPTIONS',
      message: expect.stringContaining('ChatGateway') as unknown,
    };
    expect(() => liveness.clients({ gateway })).toThrow(expect.objectContaining(error));
  },
);

test('clients() of a gateway is empty after shutdown', async () => {
  const { close, liveness } = await startMonitored([ChatGateway]);
  await close();
  expect([...liveness.clients({ gateway: ChatGateway })]).toEqual([]);
});

test('get() returns the current bufferedBytes, interval and timeout', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { ...QUICK, limits: false });
  const { peer, socket } = await connect('/chat');
  liveness.update(peer, { interval: 200, timeout: 5_000 });
  socket.pause();
  peer.send(Buffer.alloc(64 * 1024 * 1024));
  expect(liveness.get(peer)).toMatchObject({ interval: 200, timeout: 5_000 });
  expect(liveness.get(peer)?.bufferedBytes).toBeGreaterThan(1024 * 1024);
  socket.terminate();
});

test('clients() filters by state', async () => {
  const { connect, events, liveness, url } = await startMonitored([ChatGateway, OrdersGateway]);
  const raw = await connectRaw(`${url}/chat`, { answersPings: true });
  const [evicted] = [...liveness.clients()].map(({ client }) => client);
  if (evicted) liveness.disconnect(evicted);
  const suspect = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  const alive = await connect('/chat');
  const other = await connect('/orders');

  const peers = (state: LivenessState) =>
    [...liveness.clients({ state, gateway: ChatGateway })].map(({ client }) => client);
  expect(peers('alive')).toEqual([alive.peer]);
  expect(peers('suspect')).toEqual([suspect.peer]);
  expect(peers('evicted')).toEqual([evicted]);
  expect([...liveness.clients({ state: 'alive' })]).toHaveLength(2);
  expect(liveness.get(other.peer)?.state).toBe('alive');
  raw.socket.destroy();
});

test('the iterator of clients() skips a client that disconnects meanwhile', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const first = await connect('/chat');
  const second = await connect('/chat');
  const clients = liveness.clients();
  expect(clients.next().value?.client).toBe(first.peer);
  second.socket.terminate();
  await events.when('disconnected');
  expect(clients.next().done).toBe(true);
});

test('in handleDisconnect() get() returns the last state with the eviction', async () => {
  const { app, connect, events, liveness } = await startMonitored([ReadingGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  const { eviction, liveness: last } = await events.when('disconnected');
  const { states, wasAlive } = app.get(ReadingGateway);
  expect(states.get(dead.peer)).toMatchObject({
    client: dead.peer,
    gateways: ['ReadingGateway'],
    state: 'closed',
    eviction: { cause: 'unresponsive', level: 'transport', liveness: { state: 'suspect' } },
  });
  expect(states.get(dead.peer)?.eviction).toBe(eviction);
  expect(liveness.get(dead.peer)).toBe(states.get(dead.peer));
  expect(liveness.get(dead.peer)).toBe(last);
  expect(Object.isFrozen(last)).toBe(true);
  expect(wasAlive).toEqual([false]);
});

test('the last state of a client that closed the connection has no eviction', async () => {
  const { app, connect, events } = await startMonitored([ReadingGateway]);
  const { peer, socket } = await connect('/chat');
  socket.close();
  await events.when('disconnected');
  const last = app.get(ReadingGateway).states.get(peer);
  expect(last?.state).toBe('closed');
  expect(last).not.toHaveProperty('eviction');
});

test('get() returns the state closed in a close listener that runs before that of the module', async () => {
  const { liveness } = await startMonitored([]);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const inListener = new Promise<Liveness | undefined>((resolve) => {
    server.on('connection', (client) => client.once('close', () => resolve(liveness.get(client))));
  });
  await once(server, 'listening');
  const { socket } = await connectClient(
    `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  liveness.watch(server);
  socket.close();
  expect((await inListener)?.state).toBe('closed');
  expect(liveness.size).toBe(0);
  server.close();
});

test('get() of a client that is being closed has the eviction', async () => {
  const { connect, liveness } = await startMonitored([ReadingGateway]);
  const { peer } = await connect('/chat');
  expect(liveness.get(peer)).not.toHaveProperty('eviction');
  liveness.disconnect(peer);
  expect(liveness.get(peer)).toMatchObject({
    state: 'evicted',
    eviction: { cause: 'requested', liveness: { state: 'alive' } },
  });
});

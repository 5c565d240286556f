import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import type { LivenessState } from 'nestjs-heartbeat';
import { onUnix } from '../support/unix.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startGuarded } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {}

@WebSocketGateway({ path: '/unused' })
class UnusedGateway {}

test('size counts connections until their close', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
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

test('get() tells what is known of a client at that moment, frozen', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway]);
  const before = Date.now();
  const { peer } = await connect('/chat');
  const known = liveness.get(peer);
  expect(known).toEqual({
    id: expect.stringMatching(/^[\w-]{16,}$/) as unknown,
    client: peer,
    gateways: ['ChatGateway'],
    state: 'alive',
    connectedAt: expect.any(Number) as unknown,
    remoteAddress: onUnix ? undefined : (expect.stringContaining('127.0.0.1') as unknown),
    silence: 0,
    applicationSilence: 0,
    idle: 0,
    bufferedBytes: 0,
    ...QUICK,
    admitted: false,
    paused: false,
    rtt: undefined,
  });
  expect(known?.connectedAt).toBeGreaterThanOrEqual(before);
  expect(known?.connectedAt).toBeLessThanOrEqual(Date.now());
  expect(Object.isFrozen(known)).toBe(true);
  expect(Object.isFrozen(known?.gateways)).toBe(true);
  expect(liveness.get(peer)?.id).toBe(known?.id);
  expect(liveness.get(peer)).not.toBe(known);
});

test('every connection has an id of its own', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway]);
  for (let count = 0; count < 5; count++) await connect('/chat');
  expect(new Set([...liveness.clients()].map(({ id }) => id)).size).toBe(5);
});

test('silence grows while nothing is heard, and starts anew with a pong; idle does not', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  const { silence, idle, applicationSilence } = (await events.when('suspect')).liveness;
  expect(silence).toBeGreaterThanOrEqual(200);
  expect(idle).toBeGreaterThanOrEqual(silence);
  expect(applicationSilence).toBeGreaterThanOrEqual(silence);

  dead.socket.pong();
  const recovered = (await events.when('recovered')).liveness;
  expect(recovered.silence).toBeLessThan(100);
  expect(recovered.idle).toBeGreaterThan(silence);

  await dead.ask('say');
  expect(liveness.get(dead.peer)).toMatchObject({ silence: 0, idle: 0, applicationSilence: 0 });
});

test('isAlive() is true for a suspect, and false once a client is evicted or closing', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
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

test('clients() gives those of one gateway, by class or by name', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway, OrdersGateway]);
  const chat = await connect('/chat');
  const orders = await connect('/orders');
  const peers = (filter?: Parameters<typeof liveness.clients>[0]) =>
    [...liveness.clients(filter)].map(({ client }) => client);
  expect(peers()).toEqual([chat.peer, orders.peer]);
  expect(peers({})).toEqual([chat.peer, orders.peer]);
  expect(peers({ gateway: ChatGateway })).toEqual([chat.peer]);
  expect(peers({ gateway: 'OrdersGateway' })).toEqual([orders.peer]);
});

test.each([['NobodysGateway'], [UnusedGateway], [5 as never]])(
  'clients() of %p, a gateway that no monitored server has, throws at the call',
  async (gateway) => {
    const { liveness } = await startGuarded([ChatGateway, OrdersGateway]);
    const error = {
      code: 'HEARTBEAT_OPTIONS',
      message: expect.stringContaining('ChatGateway') as unknown,
    };
    expect(() => liveness.clients({ gateway })).toThrow(expect.objectContaining(error));
  },
);

test('clients() of a gateway is empty after shutdown', async () => {
  const { close, liveness } = await startGuarded([ChatGateway]);
  await close();
  expect([...liveness.clients({ gateway: ChatGateway })]).toEqual([]);
});

test('bufferedBytes, interval and timeout are those of the moment', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway], { ...QUICK, limits: false });
  const { peer, socket } = await connect('/chat');
  liveness.update(peer, { interval: 200, timeout: 5_000 });
  socket.pause();
  peer.send(Buffer.alloc(64 * 1024 * 1024));
  expect(liveness.get(peer)).toMatchObject({ interval: 200, timeout: 5_000 });
  expect(liveness.get(peer)?.bufferedBytes).toBeGreaterThan(1024 * 1024);
  socket.terminate();
});

test('clients() gives those in one state', async () => {
  const { connect, events, liveness, url } = await startGuarded([ChatGateway, OrdersGateway]);
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

test('clients() can be left in the middle, and clients may go meanwhile', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
  const first = await connect('/chat');
  const second = await connect('/chat');
  const clients = liveness.clients();
  expect(clients.next().value?.client).toBe(first.peer);
  second.socket.terminate();
  await events.when('disconnected');
  expect(clients.next().done).toBe(true);
});

import { expect, test } from '@jest/globals';
import {
  ClientDisconnectedError,
  HeartbeatOptionsError,
  ProbeTimeoutError,
  UnknownClientError,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { startGuarded } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode } from '../support/raw-client.js';

/** No ping of the heartbeat disturbs these tests. */
const QUIET = { interval: 60_000, timeout: 120_000 };

test('probe() pings the client at once and resolves with the round trip', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway], QUIET);
  const { peer, pings } = await connect('/chat');
  const started = performance.now();
  const roundTrip = await liveness.probe(peer);
  expect(pings).toHaveLength(1);
  expect(roundTrip).toBeGreaterThan(0);
  expect(roundTrip).toBeLessThanOrEqual(performance.now() - started);
});

test('whoever probes while a ping is under way joins it', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway], QUIET);
  const { peer, pings } = await connect('/chat');
  const together = await Promise.all([
    liveness.probe(peer),
    liveness.probe(peer),
    liveness.probe(peer),
  ]);
  expect(new Set(together).size).toBe(1);
  expect(pings).toHaveLength(1);
  await liveness.probe(peer);
  expect(pings).toHaveLength(2);
});

test('probe() gives up after its timeout, and no sooner', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway], QUIET);
  const dead = await connect('/chat', { autoPong: false });
  const started = performance.now();
  const error: unknown = await liveness.probe(dead.peer, 150).catch((reason: unknown) => reason);
  expect(performance.now() - started).toBeGreaterThan(149);
  expect(error).toBeInstanceOf(ProbeTimeoutError);
  expect(error).toMatchObject({
    name: 'ProbeTimeoutError',
    code: 'HEARTBEAT_PROBE_TIMEOUT',
    message:
      'The client did not answer a ping within 150 ms. Treat it as unreachable, or allow more time.',
  });
});

test('those who joined a probe have timeouts of their own', async () => {
  const { events, liveness, url } = await startGuarded([ChatGateway], QUIET);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const patient = liveness.probe(client, 10_000);
  await expect(liveness.probe(client, 50)).rejects.toBeInstanceOf(ProbeTimeoutError);
  const { payload } = await raw.frame(Opcode.Ping);
  raw.socket.write(maskedFrame(Opcode.Pong, payload));
  expect(await patient).toBeGreaterThan(49);
  expect(raw.frames).toHaveLength(1);
  raw.socket.destroy();
});

test('the answer that comes after the timeout answers no later probe', async () => {
  const { events, liveness, url } = await startGuarded([ChatGateway], QUIET);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  await expect(liveness.probe(client, 30)).rejects.toBeInstanceOf(ProbeTimeoutError);
  const late = await raw.frame(Opcode.Ping);
  const second = liveness.probe(client, 100);
  await raw.frame(Opcode.Ping, 2);
  raw.socket.write(maskedFrame(Opcode.Pong, late.payload));
  await expect(second).rejects.toBeInstanceOf(ProbeTimeoutError);
  raw.socket.destroy();
});

test('an answer that was under way while this process stalled measures nothing: the client is asked once more', async () => {
  const { events, liveness, url } = await startGuarded([ChatGateway], QUIET);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const probing = liveness.probe(client);
  const first = await raw.frame(Opcode.Ping);
  const stalled = performance.now() + 400;
  while (performance.now() < stalled);
  raw.socket.write(maskedFrame(Opcode.Pong, first.payload));
  const second = await raw.frame(Opcode.Ping, 2);
  expect(second.payload).not.toEqual(first.payload);
  expect(liveness.get(client)?.rtt).toBeUndefined();
  raw.socket.write(maskedFrame(Opcode.Pong, second.payload));
  const roundTrip = await probing;
  expect(roundTrip).toBeLessThan(400);
  expect(liveness.get(client)?.rtt?.last).toBe(roundTrip);
  raw.socket.destroy();
});

test.each<[string, (peer: WebSocket) => void]>([
  ['goes', (peer) => peer.terminate()],
  ['is closed', (peer) => peer.close()],
])('probe() of a client that %s while it waits fails at once', async (_, end) => {
  const { connect, liveness } = await startGuarded([ChatGateway], QUIET);
  const dead = await connect('/chat', { autoPong: false });
  const waiting = liveness.probe(dead.peer, 60_000);
  end(dead.peer);
  await expect(waiting).rejects.toBeInstanceOf(ClientDisconnectedError);
});

test('probe() of a client that is gone, evicted or closing fails', async () => {
  const { connect, events, liveness, url } = await startGuarded([ChatGateway], QUIET);
  const gone = await connect('/chat');
  gone.socket.close();
  await events.when('disconnected');
  await expect(liveness.probe(gone.peer)).rejects.toMatchObject({
    name: 'ClientDisconnectedError',
    code: 'HEARTBEAT_CLIENT_DISCONNECTED',
    message:
      'The client is disconnected or closing, so it cannot be probed. Check isAlive() first.',
  });

  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected', ({ client }) => client !== gone.peer);
  liveness.disconnect(client);
  await expect(liveness.probe(client)).rejects.toBeInstanceOf(ClientDisconnectedError);
  raw.socket.destroy();

  const closing = await connect('/chat');
  closing.peer.close();
  await expect(liveness.probe(closing.peer)).rejects.toBeInstanceOf(ClientDisconnectedError);
});

test('probe() of a stranger fails', async () => {
  const { connect, liveness } = await startGuarded([ChatGateway], QUIET);
  const { socket } = await connect('/chat');
  await expect(liveness.probe(socket)).rejects.toBeInstanceOf(UnknownClientError);
});

test.each([0, -1, NaN, Infinity, '50', null])(
  'probe() with a timeout of %p fails and pings nobody',
  async (timeout) => {
    const { connect, liveness } = await startGuarded([ChatGateway], QUIET);
    const { peer, pings } = await connect('/chat');
    const failed = liveness.probe(peer, timeout as number);
    await expect(failed).rejects.toBeInstanceOf(HeartbeatOptionsError);
    await expect(failed).rejects.toThrow('probe(): `timeout` is');
    await liveness.probe(peer);
    expect(pings).toHaveLength(1);
  },
);

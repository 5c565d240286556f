import { expect, test } from '@jest/globals';
import {
  ClientDisconnectedError,
  HeartbeatOptionsError,
  ProbeTimeoutError,
  UnknownClientError,
  type RoundTripTimes,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode } from '../support/raw-client.js';

/** Times so long that the module sends no ping of its own during a test. */
const QUIET = { interval: 60_000, timeout: 120_000 };

test('probe() pings the client at once and resolves with the round trip', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], QUIET);
  const { peer, pings } = await connect('/chat');
  const started = performance.now();
  const roundTrip = await liveness.probe(peer);
  expect(pings).toHaveLength(1);
  expect(roundTrip).toBeGreaterThan(0);
  expect(roundTrip).toBeLessThanOrEqual(performance.now() - started);
});

test('concurrent probes of a client share one ping', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], QUIET);
  const { peer, pings } = await connect('/chat');
  const roundTrips = await Promise.all([
    liveness.probe(peer),
    liveness.probe(peer),
    liveness.probe(peer),
  ]);
  expect(new Set(roundTrips).size).toBe(1);
  expect(pings).toHaveLength(1);
  await liveness.probe(peer);
  expect(pings).toHaveLength(2);
});

test('probe() rejects after its timeout, and no sooner', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], QUIET);
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

test('probes that share a ping have separate timeouts', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], QUIET);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const longProbe = liveness.probe(client, 10_000);
  await expect(liveness.probe(client, 50)).rejects.toBeInstanceOf(ProbeTimeoutError);
  const { payload } = await raw.frame(Opcode.Ping);
  raw.socket.write(maskedFrame(Opcode.Pong, payload));
  expect(await longProbe).toBeGreaterThan(49);
  expect(raw.frames).toHaveLength(1);
  raw.socket.destroy();
});

test('a pong that arrives after the timeout of its probe does not resolve a later probe', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], QUIET);
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

test('a pong that was in flight during a stall gives no round trip: the client is pinged again', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], QUIET);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const probing = liveness.probe(client);
  const first = await raw.frame(Opcode.Ping);
  const stallEnd = performance.now() + 400;
  while (performance.now() < stallEnd);
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
  ['is terminated', (peer) => peer.terminate()],
  ['is closed', (peer) => peer.close()],
])('a pending probe() rejects at once when the client %s', async (_, end) => {
  const { connect, liveness } = await startMonitored([ChatGateway], QUIET);
  const dead = await connect('/chat', { autoPong: false });
  const probing = liveness.probe(dead.peer, 60_000);
  end(dead.peer);
  await expect(probing).rejects.toBeInstanceOf(ClientDisconnectedError);
});

test('probe() of a disconnected, evicted or closing client rejects', async () => {
  const { connect, events, liveness, url } = await startMonitored([ChatGateway], QUIET);
  const disconnected = await connect('/chat');
  disconnected.socket.close();
  await events.when('disconnected');
  await expect(liveness.probe(disconnected.peer)).rejects.toMatchObject({
    name: 'ClientDisconnectedError',
    code: 'HEARTBEAT_CLIENT_DISCONNECTED',
    message:
      'The client is disconnected or closing, so it cannot be probed. Check isAlive() first.',
  });

  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected', ({ client }) => client !== disconnected.peer);
  liveness.disconnect(client);
  await expect(liveness.probe(client)).rejects.toBeInstanceOf(ClientDisconnectedError);
  raw.socket.destroy();

  const closing = await connect('/chat');
  closing.peer.close();
  await expect(liveness.probe(closing.peer)).rejects.toBeInstanceOf(ClientDisconnectedError);
});

test('probe() of an unknown client rejects', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], QUIET);
  const { socket } = await connect('/chat');
  await expect(liveness.probe(socket)).rejects.toBeInstanceOf(UnknownClientError);
});

test.each([0, -1, NaN, Infinity, '50', null])(
  'probe() with a timeout of %p rejects and sends no ping',
  async (timeout) => {
    const { connect, liveness } = await startMonitored([ChatGateway], QUIET);
    const { peer } = await connect('/chat');
    const rejected = liveness.probe(peer, timeout as number);
    await expect(rejected).rejects.toBeInstanceOf(HeartbeatOptionsError);
    await expect(rejected).rejects.toThrow('probe(): `timeout` is');
    expect(liveness.snapshot().totals.pings).toBe(0);
  },
);

test('the first pong sets the round-trip time, and each further one updates the smoothed value', async () => {
  // The default interval is so long that the module sends no ping of its own.
  const { connect, liveness } = await startMonitored([ChatGateway], {});
  const { peer } = await connect('/chat');
  const first = await liveness.probe(peer);
  expect(liveness.get(peer)?.rtt).toEqual({
    last: first,
    smoothed: first,
    variation: first / 2,
    min: first,
  });

  const second = await liveness.probe(peer);
  // Times are stored in steps of 10 ns, the variation in steps of 5 ns.
  const [before, now] = [first, second].map((time) => Math.round(time * 1e5)) as [number, number];
  expect(liveness.get(peer)?.rtt).toEqual({
    last: second,
    smoothed: (before + Math.round((now - before) / 8)) / 1e5,
    variation: (before + Math.round((2 * Math.abs(before - now) - before) / 4)) / 2 / 1e5,
    min: Math.min(first, second),
  });
  expect(Object.isFrozen(liveness.get(peer)?.rtt)).toBe(true);
});

test('a round trip includes the time that the client takes to answer', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], {
    interval: 100,
    timeout: 60_000,
  });
  const started = performance.now();
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  let rtt: RoundTripTimes | undefined;
  // A sample taken across a stall of this process is discarded, so this repeats until there is one.
  while (rtt === undefined) {
    const ping = await raw.frame(Opcode.Ping);
    await new Promise((resolve) => setTimeout(resolve, 80));
    raw.socket.write(maskedFrame(Opcode.Pong, ping.payload));
    // Frames arrive in order: once this message is answered, the pong has been read.
    raw.socket.write(maskedFrame(Opcode.Text, Buffer.from(JSON.stringify({ event: 'say' }))));
    await raw.frame(Opcode.Text);
    rtt = liveness.get(client)?.rtt;
  }
  expect(rtt.last).toBeGreaterThan(79);
  expect(rtt.last).toBeLessThan(performance.now() - started);
  raw.socket.destroy();
});

test.each([
  ['with no payload', Buffer.alloc(0)],
  ['with a payload of its own', Buffer.from('12345678')],
])('a pong %s is a sign of life, but gives no round trip', async (_, payload) => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('suspect');
  raw.socket.write(maskedFrame(Opcode.Pong, payload));
  await events.when('recovered');
  expect(liveness.get(client)?.rtt).toBeUndefined();
  raw.socket.destroy();
});

test('a second pong with the same payload gives no round trip', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const { payload } = await raw.frame(Opcode.Ping);
  const answer = Buffer.concat([
    maskedFrame(Opcode.Pong, payload),
    maskedFrame(Opcode.Text, Buffer.from(JSON.stringify({ event: 'say' }))),
  ]);
  raw.socket.write(answer);
  await raw.frame(Opcode.Text);
  const rtt = liveness.get(client)?.rtt;
  expect(rtt).toBeDefined();
  raw.socket.write(answer);
  await raw.frame(Opcode.Text, 2);
  expect(liveness.get(client)?.rtt).toEqual(rtt);
  raw.socket.destroy();
});

import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Liveness } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored, type MonitoredApp } from '../support/monitored.js';
import {
  connectRaw,
  maskedFrame,
  Opcode,
  readClose,
  type RawClient,
} from '../support/raw-client.js';

const QUIET = { interval: 60_000, timeout: 120_000 };

async function connect({ events, url }: MonitoredApp): Promise<[RawClient, WebSocket]> {
  const connected = events.next('connected');
  const raw = await connectRaw(`${url}/chat`);
  return [raw, (await connected).client];
}

const pong = (payload: Buffer) => maskedFrame(Opcode.Pong, payload);

/** Waits until the server has read all frames sent before. */
async function untilRead(raw: RawClient): Promise<void> {
  const replies = raw.frames.filter(({ opcode }) => opcode === Opcode.Text).length;
  raw.socket.write(maskedFrame(Opcode.Text, Buffer.from('{"event":"say"}')));
  await raw.frame(Opcode.Text, replies + 1);
}

test('a pong that matches no pending ping gives no round trip: old, guessed, longer, shorter or empty', async () => {
  const monitored = await startMonitored([ChatGateway], QUIET);
  const { liveness } = monitored;
  const [raw, client] = await connect(monitored);
  const rtt = (): Liveness['rtt'] => liveness.get(client)?.rtt;

  const first = liveness.probe(client);
  const { payload: old } = await raw.frame(Opcode.Ping);
  raw.socket.write(pong(old));
  await first;
  const proven = rtt();
  expect(proven).toBeDefined();

  const unanswered = liveness.probe(client, 500).catch(String);
  const { payload } = await raw.frame(Opcode.Ping, 2);
  const other = Buffer.from(payload.map((byte) => byte ^ 1));
  const wrong = [
    old,
    Buffer.alloc(8),
    other,
    payload.subarray(0, -1),
    Buffer.concat([payload, Buffer.alloc(1)]),
    Buffer.concat([payload, payload]),
    Buffer.alloc(0),
  ];
  raw.socket.write(Buffer.concat(wrong.map(pong)));
  expect(await unanswered).toContain('did not answer a ping');
  expect(rtt()).toEqual(proven);

  // The probe has timed out: the right payload is late, and does not match the next ping.
  const next = liveness.probe(client, 500).catch(String);
  await raw.frame(Opcode.Ping, 3);
  raw.socket.write(pong(payload));
  expect(await next).toContain('did not answer a ping');
  expect(rtt()).toEqual(proven);

  const last = liveness.probe(client);
  raw.socket.write(pong((await raw.frame(Opcode.Ping, 4)).payload));
  expect(await last).toBeGreaterThan(0);
  raw.socket.destroy();
});

test('a pong that is repeated gives one round trip', async () => {
  const monitored = await startMonitored([ChatGateway], { interval: 50, timeout: 30_000 });
  const [raw, client] = await connect(monitored);
  const { payload } = await raw.frame(Opcode.Ping);
  raw.socket.write(pong(payload));
  await untilRead(raw);
  const proven = monitored.liveness.get(client)?.rtt;
  raw.socket.write(Buffer.concat(Array<Buffer>(30).fill(pong(payload))));
  await raw.frame(Opcode.Ping, 2);
  raw.socket.write(Buffer.concat(Array<Buffer>(20).fill(pong(payload))));
  await untilRead(raw);
  expect(monitored.liveness.get(client)?.rtt).toEqual(proven);
  expect(proven?.last).toBeGreaterThan(0);
  raw.socket.destroy();
});

test('only one pong for each unanswered ping is exempt from the limit', async () => {
  const monitored = await startMonitored([ChatGateway], {
    interval: 50,
    timeout: 30_000,
    limits: { pongs: { rate: 0.001, burst: 5 } },
  });
  const [raw] = await connect(monitored);
  await raw.frame(Opcode.Ping);
  const { payload } = await raw.frame(Opcode.Ping);
  const owed = raw.frames.filter(({ opcode }) => opcode === Opcode.Ping).length;
  raw.socket.write(Buffer.concat(Array<Buffer>(owed + 5).fill(pong(payload))));
  await untilRead(raw);
  expect(monitored.events.of('evicted')).toEqual([]);
  raw.socket.write(Buffer.concat(Array<Buffer>(1_000).fill(pong(payload))));
  expect(readClose(await raw.frame(Opcode.Close)).code).toBe(1008);
  raw.socket.destroy();
});

test('a client that sends only pongs is evicted in application mode', async () => {
  const monitored = await startMonitored([ChatGateway], { ...QUICK, liveness: 'application' });
  const [raw, client] = await connect(monitored);
  const connected = performance.now();
  const pongs = setInterval(() => raw.socket.write(pong(Buffer.from('12345678'))), 40).unref();
  const close = await raw.frame(Opcode.Close);
  clearInterval(pongs);
  expect(readClose(close)).toEqual({ code: 4408, reason: 'heartbeat timeout' });
  expect(close.at - connected).toBeGreaterThan(QUICK.timeout - 1);
  const { eviction } = await monitored.events.when('evicted');
  expect(eviction.liveness.silence).toBeLessThan(QUICK.timeout);
  expect(eviction.liveness.rtt).toBeUndefined();
  expect(monitored.liveness.isAlive(client)).toBe(false);
  raw.socket.destroy();
});

test('a client that sends only unsolicited pongs stays alive, without a round trip, and idle', async () => {
  const monitored = await startMonitored([ChatGateway], QUICK);
  const [raw, client] = await connect(monitored);
  const connected = performance.now();
  const pongs = setInterval(() => raw.socket.write(pong(Buffer.from('12345678'))), 40).unref();
  await delay(3 * QUICK.timeout);
  clearInterval(pongs);
  const now = monitored.liveness.get(client);
  expect(now?.state).toBe('alive');
  expect(now?.rtt).toBeUndefined();
  expect(now?.idle).toBeGreaterThan(2 * QUICK.timeout);
  expect(now?.idle).toBeLessThanOrEqual(performance.now() - connected + 1);
  raw.socket.destroy();
});

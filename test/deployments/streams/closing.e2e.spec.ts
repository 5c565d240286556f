import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { maskedFrame, Opcode } from '../../support/raw-client.js';
import { report } from '../../support/report.js';
import { shakeHands, startOn, TRANSPORTS, type KindOfApp } from '../support/kinds.js';
import type { Transport } from '../support/transfer.js';

const INTERVAL = 1_000;
const CLOSE_TIMEOUT = 1_000;
const OPTIONS = { interval: INTERVAL, timeout: 20_000, closeTimeout: CLOSE_TIMEOUT };
/** What a busy machine may take. Milliseconds. */
const NOISE = 1_000;

/** Sends a text message every 100 ms until the connection has closed. */
function keepSending(socket: Socket): void {
  const timer = setInterval(() => socket.write(maskedFrame(Opcode.Text, Buffer.from('x'))), 100);
  socket.on('close', () => clearInterval(timer));
}

/** Expects that the only connection of an application ends in time, exactly once, and without a trace. */
async function expectReleased({ events, liveness, descriptors }: KindOfApp, name: string) {
  const start = performance.now();
  const limit = CLOSE_TIMEOUT + INTERVAL + NOISE;
  await Promise.race([events.when('disconnected'), delay(limit, undefined, { ref: false })]);
  const after = performance.now() - start;
  expect(events.of('disconnected')).toHaveLength(1);
  report(`${name}: released after ${after.toFixed(0)} ms`);
  expect(after).toBeLessThan(limit);
  expect(liveness.size).toBe(0);
  let left = 1;
  expect(
    await eventually(() => {
      void descriptors().then((count) => (left = count));
      return left === 0;
    }),
  ).toBe(true);
  expect(events.of('evicted').length).toBeLessThanOrEqual(1);
  expect(events.of('disconnected')).toHaveLength(1);
}

const EACH_MANNER = TRANSPORTS.flatMap((transport): [Transport, string][] => [
  [transport, 'is silent'],
  [transport, 'keeps sending'],
]);

test.concurrent.each(EACH_MANNER)(
  'a client on %s that the application closes, and that never reads it and %s, is released in time',
  async (transport, manner) => {
    const started = await startOn(transport, OPTIONS);
    const socket = await started.dial();
    const connected = started.events.next('connected');
    await shakeHands(socket);
    const { client } = await connected;
    socket.pause();
    if (manner === 'keeps sending') keepSending(socket);
    client.close(4000);
    await expectReleased(started, `${transport}, closed by the application, ${manner}`);
    socket.destroy();
  },
);

test.concurrent.each(EACH_MANNER)(
  'a client on %s that sends a close frame, never ends its stream and %s, is released in time',
  async (transport, manner) => {
    const started = await startOn(transport, OPTIONS);
    const socket = await started.dial();
    await shakeHands(socket);
    const code = Buffer.from([0x03, 0xe8]);
    socket.write(maskedFrame(Opcode.Close, code));
    if (manner === 'keeps sending') keepSending(socket);
    await expectReleased(started, `${transport}, closed by the client, ${manner}`);
    socket.destroy();
  },
);

test.concurrent.each(TRANSPORTS.map((transport): [Transport] => [transport]))(
  'a connection on %s whose close event the module misses is released at its next check',
  async (transport) => {
    const started = await startOn(transport, OPTIONS);
    const connected = started.events.next('connected');
    const peer: WebSocket = await started.connect();
    const { client } = await connected;
    // One of the listeners is that of the `ws` server, which waits for its clients when it is closed.
    client.removeAllListeners();
    client.on('error', () => {});
    client.terminate();
    await expectReleased(started, `${transport}, close event missed`);
    expect(started.events.of('evicted')).toEqual([]);
    peer.terminate();
  },
);

test.concurrent('a drain resolves although a client on a Unix socket is frozen', async () => {
  const started = await startOn('unix', OPTIONS);
  const socket = await started.dial();
  await shakeHands(socket);
  socket.pause();
  const start = performance.now();
  const { terminated } = await started.liveness.drain({ within: 100 });
  expect(terminated).toBe(1);
  expect(performance.now() - start).toBeLessThan(100 + CLOSE_TIMEOUT + INTERVAL + NOISE);
  expect(started.events.of('disconnected')).toHaveLength(1);
  socket.destroy();
});

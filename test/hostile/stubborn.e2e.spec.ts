import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatOptions } from 'nestjs-heartbeat';
import { QUICK, startMonitored } from '../support/monitored.js';
import { waitedForCpu } from '../support/cpu-wait.js';
import { evictionTimes } from '../support/eviction.times.js';
import { connectRaw, maskedFrame, Opcode, readClose } from '../support/raw-client.js';

const CLOSE_TIMEOUT = 5_000;

function gatewayWith(path: string, options: HeartbeatOptions) {
  @Heartbeat({ ...QUICK, ...options })
  @WebSocketGateway({ path })
  class StubbornGateway {}
  return StubbornGateway;
}

const text = (data: string) => maskedFrame(Opcode.Text, Buffer.from(data));

/** Clients, and the frame that each keeps sending before and after the close frame. */
const STUBBORN = [
  {
    kind: 'sends messages, but is never admitted',
    path: '/unadmitted',
    options: { admissionTimeout: 300 },
    repeated: text('{"event":"note"}'),
    code: 3000,
  },
  {
    kind: 'sends only pings, and is never admitted',
    path: '/pinging',
    options: { admissionTimeout: 300, limits: { pings: { rate: 1_000, burst: 1_000 } } },
    repeated: maskedFrame(Opcode.Ping, Buffer.alloc(0)),
    code: 3000,
  },
  {
    kind: 'is idle, and sends heartbeats',
    path: '/idle',
    options: { idleTimeout: 300, limits: { messages: { rate: 1_000, burst: 1_000 } } },
    repeated: text('{"event":"heartbeat"}'),
    code: 4409,
  },
  {
    kind: 'is application-unresponsive, and sends pongs',
    path: '/unresponsive',
    options: { liveness: 'application' as const, limits: false as const },
    repeated: maskedFrame(Opcode.Pong, Buffer.from('12345678')),
    code: 4408,
  },
  {
    kind: 'exceeds its limit slightly',
    path: '/flooding',
    options: { limits: { messages: { rate: 5, burst: 10 } } },
    repeated: text('{"event":"heartbeat","data":0'),
    code: 1008,
  },
];

test('a client that ignores the close frame and keeps sending is reset after 5 s', async () => {
  const gateways = STUBBORN.map(({ path, options }) => gatewayWith(path, options));
  const { events, liveness, url } = await startMonitored(gateways);
  const evictedAt = evictionTimes(liveness);
  // The server runs in this process.
  const before = waitedForCpu();
  const clients = await Promise.all(
    STUBBORN.map(async ({ path, repeated, code }) => ({
      repeated,
      code,
      ...(await connectRaw(url + path)),
    })),
  );
  const talking = setInterval(() => {
    for (const { socket, repeated } of clients) if (!socket.destroyed) socket.write(repeated);
  }, 50).unref();
  for (const { code, ended, frame } of clients) {
    const close = await frame(Opcode.Close);
    expect(readClose(close).code).toBe(code);
    const { how, at } = await ended;
    const waited = waitedForCpu() - before;
    expect(how).toBe('reset');
    expect(at - Number(evictedAt.get(code))).toBeGreaterThan(CLOSE_TIMEOUT - 50);
    expect(at - close.at).toBeLessThan(CLOSE_TIMEOUT + 2_000 + waited);
  }
  clearInterval(talking);
  for (const { client } of events.of('connected')) {
    await events.when('disconnected', (event) => event.client === client);
  }
  expect(events.of('evicted')).toHaveLength(STUBBORN.length);
  expect(events.of('disconnected')).toHaveLength(STUBBORN.length);
  expect(liveness.size).toBe(0);
});

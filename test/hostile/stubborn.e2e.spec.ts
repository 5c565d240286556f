import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatOptions } from 'nestjs-heartbeat';
import { QUICK, startGuarded } from '../support/monitored.js';
import { waitedForCpu } from '../support/cpu-wait.js';
import { connectRaw, maskedFrame, Opcode, readClose } from '../support/raw-client.js';

const CLOSE_TIMEOUT = 5_000;

function gatewayWith(path: string, options: HeartbeatOptions) {
  @Heartbeat({ ...QUICK, ...options })
  @WebSocketGateway({ path })
  class StubbornGateway {}
  return StubbornGateway;
}

const text = (data: string) => maskedFrame(Opcode.Text, Buffer.from(data));

/** What each goes on sending, before and after it is told to go. */
const STUBBORN = [
  {
    who: 'one that never logs in, and chats',
    path: '/unadmitted',
    options: { admissionTimeout: 300 },
    says: text('{"event":"say"}'),
    code: 3000,
  },
  {
    who: 'one that never logs in, and only pings',
    path: '/pinging',
    options: { admissionTimeout: 300, limits: { pings: { rate: 1_000, burst: 1_000 } } },
    says: maskedFrame(Opcode.Ping, Buffer.alloc(0)),
    code: 3000,
  },
  {
    who: 'one that is idle, and sends heartbeats',
    path: '/idle',
    options: { idleTimeout: 300, limits: { messages: { rate: 1_000, burst: 1_000 } } },
    says: text('{"event":"heartbeat"}'),
    code: 4409,
  },
  {
    who: 'one whose application is mute, and pongs',
    path: '/mute',
    options: { liveness: 'application' as const, limits: false as const },
    says: maskedFrame(Opcode.Pong, Buffer.from('12345678')),
    code: 4408,
  },
  {
    who: 'one that floods a little',
    path: '/flooding',
    options: { limits: { messages: { rate: 5, burst: 10 } } },
    says: text('{"event":"heartbeat","data":0'),
    code: 1008,
  },
];

test('who ignores the close frame and goes on sending is reset after 5 s all the same', async () => {
  const gateways = STUBBORN.map(({ path, options }) => gatewayWith(path, options));
  const { events, liveness, url } = await startGuarded(gateways);
  // The server runs in this process.
  const before = waitedForCpu();
  const clients = await Promise.all(
    STUBBORN.map(async ({ path, says, code }) => ({
      says,
      code,
      ...(await connectRaw(url + path)),
    })),
  );
  const talking = setInterval(() => {
    for (const { socket, says } of clients) if (!socket.destroyed) socket.write(says);
  }, 50).unref();
  for (const { code, ended, frame } of clients) {
    const close = await frame(Opcode.Close);
    expect(readClose(close).code).toBe(code);
    const { how, at } = await ended;
    const waited = waitedForCpu() - before;
    expect(how).toBe('reset');
    expect(at - close.at).toBeGreaterThan(CLOSE_TIMEOUT - 50);
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

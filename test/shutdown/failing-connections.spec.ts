import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient } from '../support/client.js';
import { evictionTimes } from '../support/eviction.times.js';
import { LogRecorder } from '../support/log-recorder.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw, Opcode, readClose } from '../support/raw-client.js';
import { abrupt } from '../support/tls.js';

const SHORT = { ...QUICK, closeTimeout: 1_000 };

/** A gateway that replaces a method of its clients with one that throws. */
@WebSocketGateway({ path: '/chat' })
class FaultyGateway {
  failing: 'close' | 'send' | undefined;

  handleConnection(client: WebSocket): void {
    if (this.failing === undefined) return;
    client[this.failing] = () => {
      throw new Error('wrapper failed');
    };
  }
}

test('app.close() returns although a client never answers the close frame, and all others are closed with 1012', async () => {
  const within = 300;
  const { close, connect, events, liveness, url } = await startMonitored([ChatGateway], {
    ...QUICK,
    drain: { within },
  });
  const evictedAt = evictionTimes(liveness);
  const clients = [];
  for (let count = 0; count < 9; count++) clients.push(await connect('/chat'));
  const straggler = await connectRaw(`${url}/chat`, { answersPings: true });
  const started = performance.now();
  const closed = close();
  // This client connects so late that its own close timeout of 5 s would end after the bound of the shutdown.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const late = await connectRaw(`${url}/chat`, { answersPings: true });
  await closed;
  const duration = performance.now() - started;
  expect(duration).toBeGreaterThan(4_999);
  expect(duration).toBeLessThan(within + 6_000);

  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
  const close1012 = await straggler.frame(Opcode.Close);
  expect(readClose(close1012)).toEqual({ code: 1012, reason: 'server restarts' });
  const { how, at } = await straggler.ended;
  expect(how).toBe(abrupt);
  expect(at - Number(evictedAt.get(1012))).toBeGreaterThan(4_950);

  expect(readClose(await late.frame(Opcode.Close)).code).toBe(1012);
  expect((await late.ended).how).toBe(abrupt);

  const codes = events.of('disconnected').map(({ code }) => code);
  expect(codes.filter((code) => code === 1012)).toHaveLength(9);
  expect(codes.filter((code) => code === 1006)).toHaveLength(2);
  const report = await liveness.drain();
  expect(report).toEqual({ closed: 9, terminated: 2, duration: expect.any(Number) as unknown });
  expect(report.duration).toBeGreaterThan(4_999);
  expect(report.duration).toBeLessThanOrEqual(duration + 1);
  expect(Object.isFrozen(report)).toBe(true);
});

test('a connection that cannot be closed does not stop the drain of the others', async () => {
  const logger = new LogRecorder();
  const { app, connect, liveness } = await startMonitored([FaultyGateway], SHORT, { logger });
  const gateway = app.get(FaultyGateway);
  const first = await connect('/chat');
  gateway.failing = 'close';
  const faulty = await connect('/chat');
  gateway.failing = undefined;
  const last = await connect('/chat');
  expect(await liveness.drain()).toMatchObject({ closed: 2, terminated: 1 });
  for (const { closed } of [first, last]) expect(await closed).toMatchObject({ code: 1012 });
  expect(await faulty.closed).toMatchObject({ code: 1006 });
  expect(logger.of('debug')).toContainEqual(
    expect.stringMatching(/^Client [\w-]{16,}: close\(\) failed: "wrapper failed"$/),
  );
});

test('a connection on which sending the drain message fails is closed like the others', async () => {
  const { app, connect, liveness } = await startMonitored([FaultyGateway], SHORT);
  const gateway = app.get(FaultyGateway);
  const clients = [await connect('/chat'), await connect('/chat')];
  for (const { request } of clients) await request('heartbeat', { op: 'hello', v: 1 });
  const faulty = clients[0]?.peer;
  if (faulty) gateway.failing = 'send';
  if (faulty) gateway.handleConnection(faulty);
  expect(await liveness.drain()).toMatchObject({ closed: 2, terminated: 0 });
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
});

test('a connection that is made during the drain and cannot be closed is terminated', async () => {
  const { app, connect, events, liveness, url } = await startMonitored([FaultyGateway], SHORT);
  for (let count = 0; count < 10; count++) await connect('/chat');
  const drained = liveness.drain();
  await events.when('evicted');
  app.get(FaultyGateway).failing = 'close';
  const late = await connectClient(`${url}/chat`);
  expect(await late.closed).toMatchObject({ code: 1006 });
  expect(await drained).toMatchObject({ closed: 10, terminated: 1 });
});

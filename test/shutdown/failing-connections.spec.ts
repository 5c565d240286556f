import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { connect as connectClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

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

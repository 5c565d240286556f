import { once } from 'node:events';
import { setInterval as every } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { connect } from '../support/client.js';

const PERIOD = 5_000;
const TIMEOUT = 10_000;
/** The heartbeats span 15 s, which is longer than the timeout: they keep the client connected. */
const HEARTBEATS = 4;

@Heartbeat({ interval: 4_000, timeout: TIMEOUT, liveness: 'application' })
@WebSocketGateway()
class ApplicationGateway {}

let server: TestApp;

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot()],
    providers: [ApplicationGateway],
  });
});

afterAll(() => server.app.close());

test('a heartbeat every 5 s keeps a client connected under a timeout of 10 s, and it is closed 10 to 11.5 s after the last', async () => {
  const client = await connect(server.url);
  let sent = 0;
  let last = 0;
  for await (const _ of every(PERIOD)) {
    const acknowledged = once(client.socket, 'message');
    last = performance.now();
    client.socket.send('{"event":"heartbeat"}');
    await acknowledged;
    if (++sent === HEARTBEATS) break;
  }
  const answers = client.messages as { data: { op: string } }[];
  expect(answers.map(({ data }) => data.op)).toEqual(Array<string>(HEARTBEATS).fill('ack'));
  const pingsBefore = client.pings.length;

  const { code, at } = await client.closed;
  expect(code).toBe(4408);
  expect(at - last).toBeGreaterThanOrEqual(TIMEOUT);
  expect(at - last).toBeLessThan(11_500);
  // It was pinged after its last message, and ws answered the ping frame.
  expect(client.pings.length).toBeGreaterThan(pingsBefore);
});

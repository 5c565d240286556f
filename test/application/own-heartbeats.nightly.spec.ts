import { once } from 'node:events';
import { setInterval as every } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { connect } from '../support/client.js';

const PERIOD = 5_000;
const TIMEOUT = 10_000;
/** Three beats span more than one timeout, so the client lives by them. */
const BEATS = 4;

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

test('a heartbeat of its own every 5 s keeps a client under a timeout of 10 s, until 10 to 11.5 s after its last', async () => {
  const client = await connect(server.url);
  let beats = 0;
  let last = 0;
  for await (const _ of every(PERIOD)) {
    const acknowledged = once(client.socket, 'message');
    last = performance.now();
    client.socket.send('{"event":"heartbeat"}');
    await acknowledged;
    if (++beats === BEATS) break;
  }
  const answers = client.messages as { data: { op: string } }[];
  expect(answers.map(({ data }) => data.op)).toEqual(Array<string>(BEATS).fill('ack'));
  const pingsWhileItSpoke = client.pings.length;

  const { code, at } = await client.closed;
  expect(code).toBe(4408);
  expect(at - last).toBeGreaterThanOrEqual(TIMEOUT);
  expect(at - last).toBeLessThan(11_500);
  // It was pinged after its last message, and answered: ws does that by itself.
  expect(client.pings.length).toBeGreaterThan(pingsWhileItSpoke);
});

import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService, type Eviction } from 'nestjs-heartbeat';
import { WebSocket, type ClientOptions } from 'ws';
import { startApp, type TestApp } from '../support/app.js';

const INTERVAL = 500;
const TIMEOUT = 1_000;
const BEAT = '{"event":"heartbeat"}';

@WebSocketGateway({ path: '/application' })
class ApplicationGateway {}

@Heartbeat({ liveness: 'transport', idleTimeout: 600 })
@WebSocketGateway({ path: '/idle' })
class IdleGateway {}

let server: TestApp;
let liveness: LivenessService;
const evictions = new Map<number, Eviction>();

beforeAll(async () => {
  server = await startApp({
    imports: [
      HeartbeatModule.forRoot({
        interval: INTERVAL,
        timeout: TIMEOUT,
        liveness: 'application',
        limits: false,
      }),
    ],
    providers: [ApplicationGateway, IdleGateway],
  });
  liveness = server.app.get(LivenessService);
  liveness.events$.subscribe((event) => {
    if (event.type === 'evicted') evictions.set(event.eviction.code, event.eviction);
  });
});

afterAll(() => server.app.close());

interface Frame {
  op: string;
  id: string;
}

/** A client without our companion: it hears messages and ping frames, and says what the test wants. */
class PlainClient {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; at: number }>;
  pings = 0;
  onFrame: (frame: Frame) => void = () => {};

  private constructor(readonly socket: WebSocket) {
    socket.on('error', () => {});
    socket.on('ping', () => this.pings++);
    socket.on('message', (data: Buffer) => {
      const { data: frame } = JSON.parse(data.toString()) as { data: Frame };
      this.frames.push(frame);
      this.onFrame(frame);
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => resolve({ code, at: performance.now() }));
    });
  }

  static async connect(path: string, options: ClientOptions = {}): Promise<PlainClient> {
    const client = new PlainClient(new WebSocket(server.url + path, options));
    await once(client.socket, 'open');
    return client;
  }

  tell(data: object): void {
    this.socket.send(JSON.stringify({ event: 'heartbeat', data }));
  }

  /** Sends a heartbeat with every answer that comes, `times` times. Returns when the last was sent. */
  async beat(times: number, pause: number): Promise<number> {
    let last = 0;
    for (let count = 0; count < times; count++) {
      last = performance.now();
      this.socket.send(BEAT);
      await once(this.socket, 'message');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return last;
  }
}

test('a client that sends heartbeats of its own lives, is acknowledged, and is closed with 4408 after its last', async () => {
  const client = await PlainClient.connect('/application');
  const last = await client.beat(12, 250);
  expect(client.frames.map(({ op }) => op)).toEqual(Array<string>(12).fill('ack'));
  const { code, at } = await client.closed;
  expect(code).toBe(4408);
  expect(at - last).toBeGreaterThanOrEqual(TIMEOUT);
  expect(at - last).toBeLessThan(2 * TIMEOUT);
  expect(client.pings).toBeGreaterThan(0);
  const { cause, liveness: judged } = evictions.get(4408) as Eviction;
  expect(cause).toBe('unresponsive');
  expect(judged.applicationSilence).toBeGreaterThanOrEqual(TIMEOUT);
  expect(judged.silence).toBeLessThan(TIMEOUT);
});

test('a client that never speaks is closed with 4408, although it answers ping frames', async () => {
  const client = await PlainClient.connect('/application');
  const connected = performance.now();
  const { code, at } = await client.closed;
  expect(code).toBe(4408);
  expect(at - connected).toBeGreaterThanOrEqual(TIMEOUT);
});

test('a client that said hello is asked by message and lives as long as it answers', async () => {
  const client = await PlainClient.connect('/application');
  client.onFrame = ({ op, id }) => {
    if (op === 'ping') client.tell({ op: 'pong', id });
  };
  client.tell({ op: 'hello', v: 1 });
  while (client.frames.filter(({ op }) => op === 'ping').length < 8) {
    await once(client.socket, 'message');
  }
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  expect(client.pings).toBe(0);
  const [rtt] = [...liveness.clients()].map((known) => known.rtt?.last);
  expect(rtt).toBeGreaterThan(0);

  client.onFrame = () => {};
  expect((await client.closed).code).toBe(4408);
  expect(client.pings).toBeGreaterThan(0);
});

test('a client that said hello and whose path is dead is terminated', async () => {
  const client = await PlainClient.connect('/application', { autoPong: false });
  client.tell({ op: 'hello', v: 1 });
  expect((await client.closed).code).toBe(1006);
});

test('a client that is transport-alive but application-silent can be listed', async () => {
  const client = await PlainClient.connect('/application');
  await once(client.socket, 'ping');
  while (![...liveness.clients()].some(isMute)) await once(client.socket, 'ping');
  client.socket.terminate();
});

function isMute({ silence, applicationSilence }: { silence: number; applicationSilence: number }) {
  return applicationSilence > 400 && silence < applicationSilence - 100;
}

test('heartbeats are no activity', async () => {
  const client = await PlainClient.connect('/idle');
  const connected = performance.now();
  client.onFrame = () => setTimeout(() => client.socket.send(BEAT), 50);
  client.socket.send(BEAT);
  const { code, at } = await client.closed;
  expect(code).toBe(4409);
  expect(at - connected).toBeGreaterThanOrEqual(600);
});

import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService, type Eviction } from 'nestjs-heartbeat';
import { WebSocket, type ClientOptions } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { startMonitored } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode } from '../support/raw-client.js';
import { report } from '../support/report.js';

const INTERVAL = 500;
const TIMEOUT = 1_000;
const HEARTBEAT = '{"event":"heartbeat"}';

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

/** A client without the library. Records messages and ping frames, and sends what the test requests. */
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

  sendFrame(data: object): void {
    this.socket.send(JSON.stringify({ event: 'heartbeat', data }));
  }

  /** Sends heartbeats, `pause` ms after the answer to the one before. Returns the time of the last. */
  async sendHeartbeats(times: number, pause: number): Promise<number> {
    let last = 0;
    for (let count = 0; count < times; count++) {
      last = performance.now();
      this.socket.send(HEARTBEAT);
      await once(this.socket, 'message');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return last;
  }
}

const TIMES = { interval: 100, timeout: 300 };

@Heartbeat({ ...TIMES, liveness: 'application' })
@WebSocketGateway({ path: '/application' })
class ApplicationUploadGateway {}

@Heartbeat({ ...TIMES, liveness: 'transport' })
@WebSocketGateway({ path: '/transport' })
class TransportUploadGateway {}

interface Ping {
  readonly data: { readonly op: string; readonly id?: string };
}

test('a client that sends bare heartbeats stays connected, and is closed with 4408 after the last', async () => {
  const client = await PlainClient.connect('/application');
  const last = await client.sendHeartbeats(12, 250);
  expect(client.frames.map(({ op }) => op)).toEqual(Array<string>(12).fill('ack'));
  const { code, at } = await client.closed;
  expect(code).toBe(4408);
  expect(at - last).toBeGreaterThanOrEqual(TIMEOUT);
  expect(at - last).toBeLessThan(2 * TIMEOUT);
  expect(client.pings).toBeGreaterThan(0);
  const { cause, liveness: snapshot } = evictions.get(4408) as Eviction;
  expect(cause).toBe('unresponsive');
  expect(snapshot.applicationSilence).toBeGreaterThanOrEqual(TIMEOUT);
  expect(snapshot.silence).toBeLessThan(TIMEOUT);
});

test('a client that answers ping frames but sends no message is closed with 4408', async () => {
  const client = await PlainClient.connect('/application');
  const connected = performance.now();
  const { code, at } = await client.closed;
  expect(code).toBe(4408);
  expect(at - connected).toBeGreaterThanOrEqual(TIMEOUT);
});

test('a client that sent hello is pinged by message, and stays connected while it answers', async () => {
  const client = await PlainClient.connect('/application');
  client.onFrame = ({ op, id }) => {
    if (op === 'ping') client.sendFrame({ op: 'pong', id });
  };
  client.sendFrame({ op: 'hello', v: 1 });
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

test('a client that sent hello and whose path is dead is terminated', async () => {
  const client = await PlainClient.connect('/application', { autoPong: false });
  client.sendFrame({ op: 'hello', v: 1 });
  expect((await client.closed).code).toBe(1006);
});

test('an application-unresponsive client is found by silence and applicationSilence', async () => {
  const client = await PlainClient.connect('/application');
  await once(client.socket, 'ping');
  while (![...liveness.clients()].some(isApplicationUnresponsive))
    await once(client.socket, 'ping');
  client.socket.terminate();
});

function isApplicationUnresponsive({
  silence,
  applicationSilence,
}: {
  silence: number;
  applicationSilence: number;
}) {
  return applicationSilence > 400 && silence < applicationSilence - 100;
}

test('heartbeats do not count as activity', async () => {
  const client = await PlainClient.connect('/idle');
  const connected = performance.now();
  client.onFrame = () => setTimeout(() => client.socket.send(HEARTBEAT), 50);
  client.socket.send(HEARTBEAT);
  const { code, at } = await client.closed;
  expect(code).toBe(4409);
  expect(at - connected).toBeGreaterThanOrEqual(600);
});

test.each(['application', 'transport'])(
  'a client that uploads for many intervals is pinged meanwhile, and may answer all pings at once: %s',
  async (liveness) => {
    const { events, url } = await startMonitored([
      ApplicationUploadGateway,
      TransportUploadGateway,
    ]);
    const connected = events.next('connected');
    const raw = await connectRaw(`${url}/${liveness}`);
    const { client } = await connected;
    const sendFrame = (data: object) => {
      const text = JSON.stringify({ event: 'heartbeat', data });
      raw.socket.write(maskedFrame(Opcode.Text, Buffer.from(text)));
    };
    const pings = () =>
      raw.frames
        .filter(({ opcode }) => opcode === Opcode.Text)
        .map(({ payload }) => JSON.parse(payload.toString()) as Ping)
        .filter(({ data }) => data.op === 'ping');
    sendFrame({ op: 'hello', v: 1 });

    // One long message, sent byte by byte. The server sends more pings than `limits.messages` allows heartbeats at once.
    const length = 30_000;
    const head = Buffer.from([0x81, 0xfe, length >> 8, length & 0xff, 0, 0, 0, 0]);
    const upload = Buffer.concat([head, Buffer.alloc(length, 'a')]);
    let sent = head.length;
    raw.socket.write(head);
    await new Promise<void>((resolve) => {
      const trickle = setInterval(() => {
        raw.socket.write(upload.subarray(sent, ++sent));
        if (pings().length <= 25) return;
        clearInterval(trickle);
        resolve();
      }, 20);
    });
    raw.socket.write(upload.subarray(sent));
    for (const { data } of pings()) sendFrame({ op: 'pong', id: data.id });
    sendFrame({ op: 'ping', id: 'last' });
    const isAnswered = () =>
      raw.frames.some(({ payload }) => payload.toString().includes('"id":"last"'));
    while (!isAnswered()) await once(raw.socket, 'frame');
    const times = raw.frames.filter(({ opcode }) => opcode === Opcode.Text).map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? NaN));
    report(`${liveness}: pinged by message at least every ${Math.max(...gaps).toFixed(0)} ms`);
    expect(client.readyState).toBe(client.OPEN);
    expect(events.of('evicted')).toEqual([]);
    raw.socket.destroy();
  },
);

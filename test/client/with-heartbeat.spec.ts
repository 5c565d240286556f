import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { withHeartbeat, type WebSocketConstructor } from 'nestjs-heartbeat/client';
import { connect } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket, type CloseEvent, type MessageEvent } from 'undici';
import { WebSocket as NodeStyleWebSocket, WebSocketServer, type WebSocket as Peer } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { nextEvent } from '../support/listening.js';
import { TcpProxy } from '../support/tcp.proxy.js';

const INTERVAL = 200;
const TIMEOUT = 500;

@Heartbeat({ liveness: 'application' })
@WebSocketGateway({ path: '/application' })
class ApplicationGateway {}

const HeartbeatWebSocket = withHeartbeat(WebSocket);

let server: TestApp;
let liveness: LivenessService;
const open = new Set<{ close(): void }>();

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: TIMEOUT, limits: false })],
    providers: [ChatGateway, ApplicationGateway],
  });
  liveness = server.app.get(LivenessService);
});
afterEach(() => {
  for (const socket of open) socket.close();
  open.clear();
});
afterAll(() => server.app.close());

async function connectSocket(
  url = `${server.url}/chat`,
  Socket = HeartbeatWebSocket,
): Promise<InstanceType<typeof HeartbeatWebSocket>> {
  const socket = new Socket(url);
  open.add(socket);
  await nextEvent(socket, 'heartbeat:beat');
  return socket;
}

/** Records all events that the listeners of the application receive. */
function record(socket: InstanceType<typeof WebSocket>): string[] {
  const dispatched: string[] = [];
  // `onmessage` must not receive heartbeat messages either.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  socket.onmessage = ({ data }) => void dispatched.push(`message ${data}`);
  socket.addEventListener('message', ({ data }) => dispatched.push(`message ${data}`));
  socket.addEventListener('error', () => dispatched.push('error'));
  socket.addEventListener('close', ({ code }) => dispatched.push(`close ${code}`));
  return dispatched;
}

const expectedError = {
  name: 'TypeError',
  code: 'HEARTBEAT_WEBSOCKET',
  message: expect.stringContaining('undici'),
};
/** Passes a value that the types would reject. */
const asClass = (value: unknown) => value as WebSocketConstructor;
const UNUSED_URL = 'ws://127.0.0.1:9';

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('with a server that uses the module', () => {
  test('hello gives the id of the connection, the round trip and the clock offset', async () => {
    const { heartbeat } = await connectSocket();
    expect(heartbeat.state).toBe('alive');
    expect([...liveness.clients()].map(({ id }) => id)).toContain(heartbeat.id);
    expect(heartbeat.rtt).toBeGreaterThan(0);
    expect(Math.abs(heartbeat.offset ?? NaN)).toBeLessThan(50);
    expect(Math.abs(heartbeat.serverNow() - Date.now())).toBeLessThan(50);
  });

  test('the application receives its own messages and no heartbeat messages', async () => {
    const socket = new HeartbeatWebSocket(`${server.url}/chat`);
    open.add(socket);
    const dispatched = record(socket);
    for (let count = 0; count < 4; count++) await nextEvent(socket, 'heartbeat:beat');
    await socket.probe();
    socket.send('{"event":"say","data":"hi"}');
    await nextEvent(socket, 'message');
    const expected = 'message {"event":"said","data":"hi"}';
    expect(dispatched).toEqual([expected, expected]);
  });

  test('a client that answers every ping stays connected in application mode', async () => {
    const socket = await connectSocket(`${server.url}/application`);
    const until = performance.now() + 4 * TIMEOUT;
    while (performance.now() < until) await nextEvent(socket, 'heartbeat:beat');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(socket.heartbeat.silence).toBeLessThan(TIMEOUT);
  });

  test('probe() returns a round trip', async () => {
    const socket = await connectSocket();
    expect(await socket.probe()).toBeGreaterThan(0);
  });

  test('the close event has the close code of the server', async () => {
    const socket = await connectSocket();
    const closed = nextEvent<CloseEvent>(socket, 'close');
    const [client] = [...liveness.clients()].filter(({ id }) => id === socket.heartbeat.id);
    client?.client.close(4000, 'because');
    expect(await closed).toMatchObject({ code: 4000, reason: 'because' });
    expect(socket.heartbeat.state).toBe('dead');
  });

  test('a drain of the server is announced', async () => {
    const other = await startApp({
      imports: [HeartbeatModule.forRoot()],
      providers: [ChatGateway],
    });
    const socket = await connectSocket(`${other.url}/chat`);
    const drain = nextEvent(socket, 'heartbeat:drain');
    const closed = nextEvent<CloseEvent>(socket, 'close');
    await other.app.close();
    expect(await drain).toMatchObject({ after: 0, within: 50, reason: 'restart' });
    expect((await closed).code).toBe(1012);
  });
});

describe('on a path that is cut', () => {
  let path: TcpProxy;
  beforeAll(async () => {
    path = await TcpProxy.to(`${server.url}/chat`);
  });
  afterEach(() => path.heal());
  afterAll(() => path.close());

  test('the server is suspect, then dead within the timeout', async () => {
    const socket = await connectSocket(path.url);
    const dispatched: string[] = [];
    for (const type of ['heartbeat:suspect', 'heartbeat:dead', 'close']) {
      void nextEvent(socket, type).then(() => dispatched.push(type));
    }
    const closed = nextEvent<CloseEvent>(socket, 'close');
    path.cut();
    const { silence } = socket.heartbeat;
    const cutAt = performance.now();
    expect(await closed).toMatchObject({ code: 1006, reason: 'heartbeat timeout' });
    const elapsed = performance.now() - cutAt + silence;
    expect(elapsed).toBeGreaterThanOrEqual(TIMEOUT);
    expect(elapsed).toBeLessThan(TIMEOUT + 300);
    expect(socket.readyState).toBe(WebSocket.CLOSED);
    expect(socket.heartbeat.state).toBe('dead');
    expect(dispatched).toEqual(['heartbeat:suspect', 'heartbeat:dead', 'close']);
  });

  test('nothing is dispatched after close, even if messages arrive later', async () => {
    const socket = await connectSocket(path.url);
    const peer = [...liveness.clients()].find(({ id }) => id === socket.heartbeat.id)?.client;
    const dispatched = record(socket);
    const closed = nextEvent(socket, 'close');
    path.cut();
    peer?.send('too late');
    await closed;
    path.heal();
    if (peer?.readyState !== WebSocket.CLOSED) await once(peer as Peer, 'close');
    // The answer to this probe arrives after everything that was sent earlier.
    const later = await connectSocket(path.url);
    await later.probe();
    expect(dispatched).toEqual(['close 1006']);
  });

  test('probe() fails after its timeout, or when the connection ends first', async () => {
    const socket = await connectSocket(path.url);
    path.cut();
    const failed = { code: 'HEARTBEAT_PROBE_TIMEOUT' };
    await expect(socket.probe(50)).rejects.toMatchObject(failed);
    await expect(socket.probe()).rejects.toMatchObject(failed);
    await expect(socket.probe()).rejects.toMatchObject({ code: 'HEARTBEAT_UNAVAILABLE' });
  });

  test('a suspect server that sends a message is alive again', async () => {
    const socket = await connectSocket(path.url);
    const suspect = nextEvent(socket, 'heartbeat:suspect');
    path.cut();
    await suspect;
    expect(socket.heartbeat.state).toBe('suspect');
    path.heal();
    await nextEvent(socket, 'heartbeat:beat');
    expect(socket.heartbeat.state).toBe('alive');
  });
});

describe('with a server that does not use the module', () => {
  let plain: WebSocketServer;
  let url: string;
  const received: string[] = [];

  beforeAll(async () => {
    plain = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    plain.on('connection', (peer) =>
      peer.on('message', (data: Buffer) => {
        received.push(data.toString());
        peer.send(data.toString());
      }),
    );
    await once(plain, 'listening');
    url = `ws://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  });
  afterEach(() => void received.splice(0));
  afterAll(() => new Promise((resolve) => plain.close(resolve)));

  test('the client sends hello once and then behaves like a plain WebSocket', async () => {
    const socket = new (withHeartbeat(WebSocket, { helloTimeout: 50 }))(url);
    open.add(socket);
    const echoes: unknown[] = [];
    socket.addEventListener('message', ({ data }: MessageEvent) => echoes.push(data));
    await nextEvent(socket, 'open');
    for (const text of ['{"event":"heartbeat","data":{"op":"ping","id":"a"}}', 'last']) {
      socket.send(text);
    }
    while (echoes.at(-1) !== 'last') await nextEvent(socket, 'message');
    expect(received[0]).toBe('{"event":"heartbeat","data":{"op":"hello","v":1}}');
    expect(received).toHaveLength(3);
    expect(echoes).toEqual(received);
    expect(socket.heartbeat.state).toBe('plain');
  });

  test('with hello: false the client sends and suppresses nothing', async () => {
    const socket = new (withHeartbeat(WebSocket, { hello: false }))(url);
    open.add(socket);
    await nextEvent(socket, 'open');
    const hello =
      '{"event":"heartbeat","data":{"op":"hello","v":1,"id":"x","interval":1,"timeout":2}}';
    socket.send(hello);
    expect(await nextEvent(socket, 'message')).toMatchObject({ data: hello });
    expect(received).toEqual([hello]);
    expect(socket.heartbeat.state).toBe('plain');
    await expect(socket.probe()).rejects.toMatchObject({ code: 'HEARTBEAT_UNAVAILABLE' });
  });
});

test.each([
  ['that of ws', NodeStyleWebSocket],
  ['undefined', undefined],
  ['not a class', {}],
])('withHeartbeat() and connect() refuse an expectedError WebSocket class: %s', (_case, value) => {
  expect(errorOf(() => withHeartbeat(asClass(value)))).toMatchObject(expectedError);
  if (value === undefined) return;
  expect(errorOf(() => connect(UNUSED_URL, { WebSocket: asClass(value) }))).toMatchObject(
    expectedError,
  );
});

test('connect() throws if there is no global WebSocket class', () => {
  const { WebSocket: original } = globalThis;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    expect(errorOf(() => connect(UNUSED_URL))).toMatchObject(expectedError);
  } finally {
    if (original) globalThis.WebSocket = original;
  }
});

test('withHeartbeat() accepts the class of undici, and subclasses of it', () => {
  class Subclass extends WebSocket {}
  expect(withHeartbeat(WebSocket).prototype).toBeInstanceOf(WebSocket);
  expect(withHeartbeat(Subclass).prototype).toBeInstanceOf(Subclass);
});

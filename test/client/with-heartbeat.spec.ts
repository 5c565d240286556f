import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { withHeartbeat } from 'nestjs-heartbeat/client';
import { WebSocket, type CloseEvent, type MessageEvent } from 'undici';
import { WebSocketServer, type WebSocket as Peer } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { nextEvent } from '../support/listening.js';
import { Path } from '../support/path.js';

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

async function greeted(
  url = `${server.url}/chat`,
  Socket = HeartbeatWebSocket,
): Promise<InstanceType<typeof HeartbeatWebSocket>> {
  const socket = new Socket(url);
  open.add(socket);
  await nextEvent(socket, 'heartbeat:beat');
  return socket;
}

/** Everything that listeners of the application get to see. */
function record(socket: InstanceType<typeof WebSocket>): string[] {
  const seen: string[] = [];
  // The other way to listen: it has to be as blind.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  socket.onmessage = ({ data }) => void seen.push(`message ${data}`);
  socket.addEventListener('message', ({ data }) => seen.push(`message ${data}`));
  socket.addEventListener('error', () => seen.push('error'));
  socket.addEventListener('close', ({ code }) => seen.push(`close ${code}`));
  return seen;
}

describe('with a server that has the module', () => {
  test('the first round trip tells who we are, how far the server is and what its clock says', async () => {
    const { heartbeat } = await greeted();
    expect(heartbeat.state).toBe('alive');
    expect([...liveness.clients()].map(({ id }) => id)).toContain(heartbeat.id);
    expect(heartbeat.rtt).toBeGreaterThan(0);
    expect(Math.abs(heartbeat.offset ?? NaN)).toBeLessThan(50);
    expect(Math.abs(heartbeat.serverNow() - Date.now())).toBeLessThan(50);
  });

  test('the application sees its own messages and no heartbeat', async () => {
    const socket = new HeartbeatWebSocket(`${server.url}/chat`);
    open.add(socket);
    const seen = record(socket);
    for (let beats = 0; beats < 4; beats++) await nextEvent(socket, 'heartbeat:beat');
    await socket.probe();
    socket.send('{"event":"say","data":"hi"}');
    await nextEvent(socket, 'message');
    const said = 'message {"event":"said","data":"hi"}';
    expect(seen).toEqual([said, said]);
  });

  test('it answers every ping, which keeps it alive in application mode', async () => {
    const socket = await greeted(`${server.url}/application`);
    const until = performance.now() + 4 * TIMEOUT;
    while (performance.now() < until) await nextEvent(socket, 'heartbeat:beat');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(socket.heartbeat.silence).toBeLessThan(TIMEOUT);
  });

  test('probe() returns a round trip', async () => {
    const socket = await greeted();
    expect(await socket.probe()).toBeGreaterThan(0);
  });

  test('a close code of the server arrives as it was sent', async () => {
    const socket = await greeted();
    const closed = nextEvent<CloseEvent>(socket, 'close');
    const [client] = [...liveness.clients()].filter(({ id }) => id === socket.heartbeat.id);
    client?.client.close(4000, 'because');
    expect(await closed).toMatchObject({ code: 4000, reason: 'because' });
    expect(socket.heartbeat.state).toBe('dead');
  });

  test('a drain is announced', async () => {
    const other = await startApp({
      imports: [HeartbeatModule.forRoot()],
      providers: [ChatGateway],
    });
    const socket = await greeted(`${other.url}/chat`);
    const drain = nextEvent(socket, 'heartbeat:drain');
    const closed = nextEvent<CloseEvent>(socket, 'close');
    await other.app.close();
    expect(await drain).toMatchObject({ after: 0, within: 50, reason: 'restart' });
    expect((await closed).code).toBe(1012);
  });
});

describe('when nothing arrives any more', () => {
  let path: Path;
  beforeAll(async () => {
    path = await Path.to(`${server.url}/chat`);
  });
  afterEach(() => path.heal());
  afterAll(() => path.close());

  test('the server is suspected, asked, and found dead within its timeout', async () => {
    const socket = await greeted(path.url);
    const seen: string[] = [];
    for (const type of ['heartbeat:suspect', 'heartbeat:dead', 'close']) {
      void nextEvent(socket, type).then(() => seen.push(type));
    }
    const closed = nextEvent<CloseEvent>(socket, 'close');
    path.cut();
    const { silence } = socket.heartbeat;
    const since = performance.now();
    expect(await closed).toMatchObject({ code: 1006, reason: 'heartbeat timeout' });
    const took = performance.now() - since + silence;
    expect(took).toBeGreaterThanOrEqual(TIMEOUT);
    expect(took).toBeLessThan(TIMEOUT + 300);
    expect(socket.readyState).toBe(WebSocket.CLOSED);
    expect(socket.heartbeat.state).toBe('dead');
    expect(seen).toEqual(['heartbeat:suspect', 'heartbeat:dead', 'close']);
  });

  test('nothing comes after the close, even if it arrives in the end', async () => {
    const socket = await greeted(path.url);
    const peer = [...liveness.clients()].find(({ id }) => id === socket.heartbeat.id)?.client;
    const seen = record(socket);
    const closed = nextEvent(socket, 'close');
    path.cut();
    peer?.send('too late');
    await closed;
    path.heal();
    if (peer?.readyState !== WebSocket.CLOSED) await once(peer as Peer, 'close');
    // Behind whatever was on its way to the client.
    const after = await greeted(path.url);
    await after.probe();
    expect(seen).toEqual(['close 1006']);
  });

  test('probe() fails in time, and so does one that the end overtakes', async () => {
    const socket = await greeted(path.url);
    path.cut();
    const failed = { code: 'HEARTBEAT_PROBE_TIMEOUT' };
    await expect(socket.probe(50)).rejects.toMatchObject(failed);
    await expect(socket.probe()).rejects.toMatchObject(failed);
    await expect(socket.probe()).rejects.toMatchObject({ code: 'HEARTBEAT_UNAVAILABLE' });
  });

  test('a server that is heard again is alive again', async () => {
    const socket = await greeted(path.url);
    const suspected = nextEvent(socket, 'heartbeat:suspect');
    path.cut();
    await suspected;
    expect(socket.heartbeat.state).toBe('suspect');
    path.heal();
    await nextEvent(socket, 'heartbeat:beat');
    expect(socket.heartbeat.state).toBe('alive');
  });
});

describe('with a server that does not have the module', () => {
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

  test('it says hello once and is a plain WebSocket from then on', async () => {
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

  test('with hello: false it sends nothing and hides nothing', async () => {
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

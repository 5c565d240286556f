import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { withHeartbeat, type HeartbeatSilenceEvent } from 'nestjs-heartbeat/client';
import { connect } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket } from 'undici';
import type { WebSocket as Client } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { EventLog } from '../support/event-log.js';
import { nextEvent } from '../support/listening.js';
import { SlowLink } from '../support/slow.link.js';

const INTERVAL = 200;
const TIMEOUT = 400;
/** Bytes per second. */
const RATE = 500_000;
/** Additional time on a busy machine, ms. */
const SLACK = 300;

/** Request for one message whose transfer takes `duration` ms. */
const download = (duration: number) =>
  JSON.stringify({ event: 'download', data: (duration / 1_000) * RATE });

@WebSocketGateway({ path: '/files' })
class FilesGateway {
  @SubscribeMessage('download')
  download(@ConnectedSocket() client: Client, @MessageBody() size: number): void {
    client.send(randomBytes(size));
  }
}

type HeartbeatClass = ReturnType<typeof withHeartbeat<typeof WebSocket>>;
type Socket = InstanceType<HeartbeatClass>;

let server: TestApp;
let link: SlowLink;
let events: EventLog;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = await startApp({
    imports: [HeartbeatModule.forRoot({ interval: INTERVAL, timeout: TIMEOUT })],
    providers: [FilesGateway],
  });
  events = new EventLog(server.app.get(LivenessService).events$);
});
beforeEach(async () => {
  link = await SlowLink.to(`${server.url}/files`, RATE);
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  sockets.clear();
  await link.close();
});
afterAll(() => server.app.close());

async function connectSocket(Class: HeartbeatClass): Promise<Socket> {
  const socket = new Class(link.url);
  sockets.add(socket);
  await nextEvent(socket, 'heartbeat:beat');
  return socket;
}

/** Cuts the path of a socket. Returns the silence after which the server is declared dead, ms. */
async function silenceUntilDead(socket: Socket): Promise<number> {
  const dead = nextEvent<HeartbeatSilenceEvent>(socket, 'heartbeat:dead');
  link.cut();
  return (await dead).silence;
}

/** A message takes longer than the timeout, so the server is declared dead. The network then closes the connection. */
async function detectFalsely(Class: HeartbeatClass): Promise<void> {
  const socket = await connectSocket(Class);
  const dead = nextEvent<HeartbeatSilenceEvent>(socket, 'heartbeat:dead');
  const closed = events.next('disconnected', ({ liveness }) => liveness.id === socket.heartbeat.id);
  socket.send(download(1.5 * TIMEOUT));
  expect((await dead).silence).toBeLessThan(TIMEOUT + SLACK);
  expect((await closed).code).toBe(4408);
}

describe('a message whose transfer takes longer than the timeout', () => {
  test('arrives at connect() after a few connections', async () => {
    const connection = connect(link.url, { WebSocket, baseDelay: 50 });
    let downs = 0;
    connection.on('down', () => downs++);
    connection.on('up', () => connection.send(download(3 * TIMEOUT)));
    const { data } = await nextEvent<{ data: Blob }>(connection.socket, 'message');
    expect(data.size).toBe((3 * TIMEOUT * RATE) / 1_000);
    expect(downs).toBeGreaterThan(0);
    expect(downs).toBeLessThanOrEqual(12);
    connection.close();
  }, 30_000);

  test('arrives at a later socket of the same class', async () => {
    const Class = withHeartbeat(WebSocket);
    await detectFalsely(Class);
    const socket = await connectSocket(Class);
    socket.send(download(1.5 * TIMEOUT));
    const { data } = await nextEvent<{ data: Blob }>(socket, 'message');
    expect(data.size).toBe((1.5 * TIMEOUT * RATE) / 1_000);
  });
});

describe('the timeout after a false detection', () => {
  test('is doubled for sockets of the same class, and not for others', async () => {
    const Class = withHeartbeat(WebSocket);
    await detectFalsely(Class);
    const [socket, other] = [
      await connectSocket(Class),
      await connectSocket(withHeartbeat(WebSocket)),
    ];
    const otherDead = nextEvent<HeartbeatSilenceEvent>(other, 'heartbeat:dead');
    const silence = await silenceUntilDead(socket);
    expect((await otherDead).silence).toBeLessThan(TIMEOUT + SLACK);
    expect(silence).toBeGreaterThanOrEqual(2 * TIMEOUT);
    expect(silence).toBeLessThan(2 * TIMEOUT + SLACK);
  });

  test('is the granted one after ten intervals without a dead server', async () => {
    const Class = withHeartbeat(WebSocket);
    await detectFalsely(Class);
    const socket = await connectSocket(Class);
    const startedAt = performance.now();
    while (performance.now() - startedAt < 11 * INTERVAL) await nextEvent(socket, 'heartbeat:beat');
    expect(await silenceUntilDead(socket)).toBeLessThan(TIMEOUT + SLACK);
  });
});

test('a server that is dead does not extend the timeout', async () => {
  const Class = withHeartbeat(WebSocket);
  for (let death = 0; death < 3; death++) {
    const silence = await silenceUntilDead(await connectSocket(Class));
    expect(silence).toBeGreaterThanOrEqual(TIMEOUT);
    expect(silence).toBeLessThan(TIMEOUT + SLACK);
  }
});

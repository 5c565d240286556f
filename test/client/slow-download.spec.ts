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
/** Bytes a second. */
const RATE = 500_000;
/** How long a busy machine may take in addition. */
const SLACK = 300;

/** Asks for one message that takes so long, ms. */
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

async function greeted(Class: HeartbeatClass): Promise<Socket> {
  const socket = new Class(link.url);
  sockets.add(socket);
  await nextEvent(socket, 'heartbeat:beat');
  return socket;
}

/** Cuts the path of a socket. Returns after how long a silence its server is taken for dead, ms. */
async function silenceUntilDeath(socket: Socket): Promise<number> {
  const dead = nextEvent<HeartbeatSilenceEvent>(socket, 'heartbeat:dead');
  link.cut();
  return (await dead).silence;
}

/** The server is taken for dead while one message arrives; the network closes the connection when it has arrived. */
async function falseDeath(Class: HeartbeatClass): Promise<void> {
  const socket = await greeted(Class);
  const dead = nextEvent<HeartbeatSilenceEvent>(socket, 'heartbeat:dead');
  const closed = events.next('disconnected', ({ liveness }) => liveness.id === socket.heartbeat.id);
  socket.send(download(1.5 * TIMEOUT));
  expect((await dead).silence).toBeLessThan(TIMEOUT + SLACK);
  expect((await closed).code).toBe(4408);
}

describe('one message that takes longer than the timeout', () => {
  test('reaches connect() after a few connections that share the link', async () => {
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

  test('reaches a later socket of the same class', async () => {
    const Class = withHeartbeat(WebSocket);
    await falseDeath(Class);
    const socket = await greeted(Class);
    socket.send(download(1.5 * TIMEOUT));
    const { data } = await nextEvent<{ data: Blob }>(socket, 'message');
    expect(data.size).toBe((1.5 * TIMEOUT * RATE) / 1_000);
  });
});

describe('a timeout that a false death made longer', () => {
  test('is twice as long for sockets of the same class, and only for these', async () => {
    const Class = withHeartbeat(WebSocket);
    await falseDeath(Class);
    const [socket, other] = [await greeted(Class), await greeted(withHeartbeat(WebSocket))];
    const otherDead = nextEvent<HeartbeatSilenceEvent>(other, 'heartbeat:dead');
    const silence = await silenceUntilDeath(socket);
    expect((await otherDead).silence).toBeLessThan(TIMEOUT + SLACK);
    expect(silence).toBeGreaterThanOrEqual(2 * TIMEOUT);
    expect(silence).toBeLessThan(2 * TIMEOUT + SLACK);
  });

  test('is as the server granted it after ten intervals without a death', async () => {
    const Class = withHeartbeat(WebSocket);
    await falseDeath(Class);
    const socket = await greeted(Class);
    const since = performance.now();
    while (performance.now() - since < 11 * INTERVAL) await nextEvent(socket, 'heartbeat:beat');
    expect(await silenceUntilDeath(socket)).toBeLessThan(TIMEOUT + SLACK);
  });
});

test('a server that is really dead does not make the timeout longer', async () => {
  const Class = withHeartbeat(WebSocket);
  for (let death = 0; death < 3; death++) {
    const silence = await silenceUntilDeath(await greeted(Class));
    expect(silence).toBeGreaterThanOrEqual(TIMEOUT);
    expect(silence).toBeLessThan(TIMEOUT + SLACK);
  }
});

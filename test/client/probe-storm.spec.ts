import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { withHeartbeat } from 'nestjs-heartbeat/client';
import { connect, type LiveConnection } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket } from 'undici';
import { WebSocketServer } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { nextEvent, nextOf } from '../support/listening.js';

const HeartbeatWebSocket = withHeartbeat(WebSocket);
/** More than the server permits at once by default. */
const STORM = 30;

describe('with the limits that a server has by default', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startApp({ imports: [HeartbeatModule.forRoot()], providers: [ChatGateway] });
  });
  afterAll(() => server.app.close());

  /** The server's view: frames arrive in order, so what was sent before the answer has been counted. */
  const closedByServer = () => server.app.get(LivenessService).snapshot().totals.evicted.flooding;

  test('many probes at once on one socket are answered', async () => {
    const socket = new HeartbeatWebSocket(`${server.url}/chat`);
    await nextEvent(socket, 'heartbeat:beat');
    const times = await Promise.all(Array.from({ length: STORM }, () => socket.probe()));
    expect(new Set(times).size).toBe(1);
    expect(await socket.probe()).toBeGreaterThan(0);
    expect(closedByServer()).toBe(0);
    socket.close();
  });

  test('many probes at once on a connection are answered', async () => {
    const connection = connect(`${server.url}/chat`, { WebSocket });
    await nextOf(connection, 'beat');
    await Promise.all(Array.from({ length: STORM }, () => connection.probe()));
    await connection.probe();
    expect(connection.status).toBe('open');
    expect(closedByServer()).toBe(0);
    connection.close();
  });

  test('a storm of page events does not make the server close the connection', async () => {
    const page = new EventTarget();
    const surroundings = globalThis as Partial<Pick<EventTarget, 'addEventListener'>> &
      Partial<Pick<EventTarget, 'removeEventListener'>>;
    surroundings.addEventListener = page.addEventListener.bind(page);
    surroundings.removeEventListener = page.removeEventListener.bind(page);
    let connection: LiveConnection | undefined;
    try {
      connection = connect(`${server.url}/chat`, { WebSocket });
      await nextOf(connection, 'beat');
      let beats = 0;
      connection.on('beat', () => beats++);
      const until = performance.now() + 1_500;
      // Each event comes when the ping of the one before may have been answered.
      while (performance.now() < until) {
        page.dispatchEvent(new Event('online'));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await connection.probe();
      expect(connection.status).toBe('open');
      expect(closedByServer()).toBe(0);
      expect(beats).toBeGreaterThan(2);
      expect(beats).toBeLessThanOrEqual(8);
    } finally {
      connection?.close();
      delete surroundings.addEventListener;
      delete surroundings.removeEventListener;
    }
  });
});

describe('a server that does not answer', () => {
  let server: WebSocketServer;
  const pings: string[] = [];
  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (peer) =>
      peer.on('message', (data: Buffer) => {
        const text = data.toString();
        if (text.includes('"ping"')) pings.push(text);
        if (!text.includes('"hello"')) return;
        const times = { id: 'a', interval: 60_000, timeout: 120_000, now: Date.now() };
        peer.send(JSON.stringify({ event: 'heartbeat', data: { op: 'hello', v: 1, ...times } }));
      }),
    );
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const peer of server.clients) peer.terminate();
    server.close();
    await once(server, 'close');
  });

  test('gets one ping, and each probe fails at its own time', async () => {
    const { port } = server.address() as AddressInfo;
    const socket = new HeartbeatWebSocket(`ws://127.0.0.1:${port}`);
    await nextEvent(socket, 'heartbeat:beat');
    const since = performance.now();
    const failed = { code: 'HEARTBEAT_PROBE_TIMEOUT' };
    await Promise.all([
      expect(socket.probe(400)).rejects.toMatchObject(failed),
      expect(socket.probe(50)).rejects.toMatchObject(failed),
    ]);
    expect(performance.now() - since).toBeGreaterThanOrEqual(399);
    await expect(socket.probe(50)).rejects.toMatchObject(failed);
    expect(pings).toHaveLength(1);
    socket.close();
  });
});

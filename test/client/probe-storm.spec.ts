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
/** More than the default limits of the server allow at once. */
const MANY = 30;

describe('a server with the default limits', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startApp({ imports: [HeartbeatModule.forRoot()], providers: [ChatGateway] });
  });
  afterAll(() => server.app.close());

  /** Messages arrive in order, so the server has counted all that were sent before an answer. */
  const evictedForFlooding = () =>
    server.app.get(LivenessService).snapshot().totals.evicted.flooding;

  test('answers many concurrent probes of one socket', async () => {
    const socket = new HeartbeatWebSocket(`${server.url}/chat`);
    await nextEvent(socket, 'heartbeat:beat');
    const times = await Promise.all(Array.from({ length: MANY }, () => socket.probe()));
    expect(new Set(times).size).toBe(1);
    expect(await socket.probe()).toBeGreaterThan(0);
    expect(evictedForFlooding()).toBe(0);
    socket.close();
  });

  test('answers many concurrent probes of a connection', async () => {
    const connection = connect(`${server.url}/chat`, { WebSocket });
    await nextOf(connection, 'beat');
    await Promise.all(Array.from({ length: MANY }, () => connection.probe()));
    await connection.probe();
    expect(connection.status).toBe('open');
    expect(evictedForFlooding()).toBe(0);
    connection.close();
  });

  test('does not close the connection when page events follow each other quickly', async () => {
    const page = new EventTarget();
    const globals = globalThis as Partial<Pick<EventTarget, 'addEventListener'>> &
      Partial<Pick<EventTarget, 'removeEventListener'>>;
    globals.addEventListener = page.addEventListener.bind(page);
    globals.removeEventListener = page.removeEventListener.bind(page);
    let connection: LiveConnection | undefined;
    try {
      connection = connect(`${server.url}/chat`, { WebSocket });
      await nextOf(connection, 'beat');
      let beats = 0;
      connection.on('beat', () => beats++);
      const until = performance.now() + 1_500;
      // The ping of each event may be answered before the next event.
      while (performance.now() < until) {
        page.dispatchEvent(new Event('online'));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await connection.probe();
      expect(connection.status).toBe('open');
      expect(evictedForFlooding()).toBe(0);
      expect(beats).toBeGreaterThan(2);
      expect(beats).toBeLessThanOrEqual(8);
    } finally {
      connection?.close();
      delete globals.addEventListener;
      delete globals.removeEventListener;
    }
  });
});

describe('a server that does not answer pings', () => {
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

  test('receives one ping, and each probe fails after its own timeout', async () => {
    const { port } = server.address() as AddressInfo;
    const socket = new HeartbeatWebSocket(`ws://127.0.0.1:${port}`);
    await nextEvent(socket, 'heartbeat:beat');
    const startedAt = performance.now();
    const failed = { code: 'HEARTBEAT_PROBE_TIMEOUT' };
    await Promise.all([
      expect(socket.probe(400)).rejects.toMatchObject(failed),
      expect(socket.probe(50)).rejects.toMatchObject(failed),
    ]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(399);
    await expect(socket.probe(50)).rejects.toMatchObject(failed);
    expect(pings).toHaveLength(1);
    socket.close();
  });
});

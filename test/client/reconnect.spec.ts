import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import {
  connect,
  type ConnectOptions,
  type LiveConnection,
} from 'nestjs-heartbeat/client/reconnect';
import { WebSocket, type CloseEvent } from 'undici';
import { WebSocketServer, type WebSocket as Peer } from 'ws';
import { startApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { nextEvent, nextOf } from '../support/listening.js';
import { Path } from '../support/path.js';

/** A server whose clients are in the hands of the test. */
class Server {
  readonly peers: Peer[] = [];
  readonly received: string[] = [];
  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {
    server.on('connection', (peer) => {
      this.peers.push(peer);
      peer.on('message', (data: Buffer) => this.received.push(data.toString()));
    });
  }

  static async start(port = 0): Promise<Server> {
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    return new Server(server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  get last(): Peer {
    return this.peers.at(-1) as Peer;
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) peer.terminate();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Everything that a connection told, but for beats. */
function record(connection: LiveConnection): string[] {
  const told: string[] = [];
  connection.on('up', () => told.push('up'));
  connection.on('down', ({ code }) => told.push(`down ${code}`));
  connection.on('retry', ({ attempt }) => told.push(`retry ${attempt}`));
  connection.on('ended', ({ code }) => told.push(`ended ${code}`));
  return told;
}

let server: Server;
const connections = new Set<LiveConnection>();

function live(url: Parameters<typeof connect>[0], options: ConnectOptions = {}): LiveConnection {
  const connection = connect(url, { WebSocket, hello: false, baseDelay: 1, ...options });
  connections.add(connection);
  return connection;
}

async function upAt(
  url: Parameters<typeof connect>[0],
  options?: ConnectOptions,
): Promise<LiveConnection> {
  const connection = live(url, options);
  await nextOf(connection, 'up');
  return connection;
}

beforeEach(async () => {
  server = await Server.start();
});
afterEach(async () => {
  for (const connection of connections) connection.close();
  connections.clear();
  await server.stop();
});

describe('a connection that is lost', () => {
  test('comes back, and says why it was lost', async () => {
    const connection = await upAt(server.url);
    const told = record(connection);
    server.last.terminate();
    await nextOf(connection, 'up');
    server.last.close(4408, 'heartbeat timeout');
    const down = nextOf(connection, 'down');
    await nextOf(connection, 'up');
    expect(await down).toEqual({ code: 4408, reason: 'heartbeat timeout' });
    expect(told).toEqual(['down 1006', 'retry 1', 'up', 'down 4408', 'retry 2', 'up']);
    expect(connection.status).toBe('open');
  });

  test('shows the true close code on its socket', async () => {
    const { socket } = await upAt(server.url);
    const closed = nextEvent<CloseEvent>(socket, 'close');
    server.last.close(4000);
    expect((await closed).code).toBe(4000);
  });

  test('sends what was meant to be sent meanwhile, up to the limit, in order', async () => {
    const connection = await upAt(server.url, { maxBuffered: 2 });
    const down = nextOf(connection, 'down');
    server.last.terminate();
    await down;
    for (const text of ['a', 'b', 'c']) connection.send(text);
    await nextOf(connection, 'up');
    connection.send('d');
    while (!server.received.includes('d')) await once(server.last, 'message');
    expect(server.received).toEqual(['a', 'b', 'd']);
  });

  test('delivers messages to the same socket', async () => {
    const connection = await upAt(server.url);
    const { socket } = connection;
    server.last.terminate();
    await nextOf(connection, 'up');
    server.last.send('hello again');
    expect(await nextEvent(socket, 'message')).toMatchObject({ data: 'hello again' });
    expect(connection.socket).toBe(socket);
  });

  test.each([1000, 1008, 3000, 4411])('does not come back after %i', async (code) => {
    const connection = await upAt(server.url);
    const told = record(connection);
    server.last.close(code);
    expect((await nextOf(connection, 'ended')).code).toBe(code);
    expect(told).toEqual([`down ${code}`, `ended ${code}`]);
    expect(connection.status).toBe('closed');
    connection.reconnectNow();
    await nextOf(connection, 'up');
  });

  test('after 4409 comes back when there is something to send', async () => {
    const connection = await upAt(server.url);
    const retry = nextOf(connection, 'retry');
    server.last.close(4409);
    expect(await retry).toMatchObject({ delay: Infinity });
    connection.send('back');
    await nextOf(connection, 'up');
    while (server.received.length === 0) await once(server.last, 'message');
    expect(server.received).toEqual(['back']);
  });
});

describe('an attempt that fails', () => {
  test('is made again after waits that grow and are random', async () => {
    const { url } = server;
    await server.stop();
    const connection = live(url, { baseDelay: 4, maxDelay: 16 });
    const delays: number[] = [];
    while (delays.length < 40) delays.push((await nextOf(connection, 'retry')).delay);
    expect(Math.max(...delays)).toBeLessThanOrEqual(16);
    expect(delays[0]).toBeLessThanOrEqual(4);
    expect(new Set(delays).size).toBe(40);
    expect(delays.filter((delay) => delay < 8).length).toBeGreaterThan(5);
    expect(delays.filter((delay) => delay > 8).length).toBeGreaterThan(5);
    server = await Server.start(Number(new URL(url).port));
    await nextOf(connection, 'up');
  });

  test('because nobody answers has its time, and the way back is found when it heals', async () => {
    const path = await Path.to(server.url);
    path.cut();
    const connection = live(path.url, { connectTimeout: 100, maxDelay: 100 });
    const told = record(connection);
    await nextOf(connection, 'retry');
    await nextOf(connection, 'retry');
    expect(told).toEqual(['retry 1', 'retry 2']);
    path.heal();
    await nextOf(connection, 'up');
    connection.close();
    await path.close();
  });

  test('because there is no URL is made again', async () => {
    let asked = 0;
    const connection = live(() => {
      if (++asked < 3) throw new Error('no ticket');
      return Promise.resolve(server.url);
    });
    const told = record(connection);
    await nextOf(connection, 'up');
    expect(told).toEqual(['retry 1', 'retry 2', 'up']);
  });

  test.each([
    ['rejects', () => Promise.reject()],
    ['is none', () => Promise.resolve('no URL')],
  ])('because the URL %s says nothing of the connection before', async (_case, next) => {
    let isGone = false;
    const connection = await upAt(() => (isGone ? next() : Promise.resolve(server.url)));
    const codes: number[] = [];
    connection.socket.addEventListener('close', (event) => codes.push((event as CloseEvent).code));
    isGone = true;
    server.last.close(4000);
    while ((await nextOf(connection, 'retry')).attempt < 3);
    expect(codes).toEqual([4000]);
    isGone = false;
    await nextOf(connection, 'up');
  });

  test('because the URL is none waits as any other', async () => {
    const connection = live('nowhere at all', { baseDelay: 10_000_000, maxDelay: 10_000_000 });
    const told = record(connection);
    await nextOf(connection, 'retry');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual(['retry 1']);
  });

  test('because the server refuses is made again, and not before its time', async () => {
    const http = createServer();
    let refused = 0;
    http.on('upgrade', (_request, socket) => {
      refused++;
      socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const patient = live(url, { baseDelay: 10_000_000, maxDelay: 10_000_000 });
    expect(await nextEvent(patient.socket, 'close')).toMatchObject({ code: 1006 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(refused).toBe(1);
    patient.close();
    const connection = live(url);
    while (refused < 4) await nextOf(connection, 'retry');
    connection.close();
    http.close();
  });
});

describe('its owner', () => {
  test('closes it with a code of its own, for good', async () => {
    const connection = await upAt(server.url);
    const told = record(connection);
    const closed = once(server.last, 'close') as Promise<[number, Buffer]>;
    const seen = nextEvent<CloseEvent>(connection.socket, 'close');
    connection.close(4001, 'bye');
    expect(connection.status).toBe('closed');
    expect(told).toEqual(['down 4001', 'ended 4001']);
    expect((await seen).code).toBe(4001);
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([4001, 'bye']);
    connection.send('nobody hears this');
    expect(connection.socket.bufferedAmount).toBe(0);
  });

  test('closes it while it waits, and nothing happens any more', async () => {
    const connection = await upAt(server.url, { baseDelay: 1_000_000, maxDelay: 1_000_000 });
    const retry = nextOf(connection, 'retry');
    server.last.terminate();
    await retry;
    const told = record(connection);
    connection.close();
    expect(told).toEqual(['ended 1000']);
    connection.reconnectNow();
    await nextOf(connection, 'up');
  });

  test('is told at once of a code that may not be sent, and nothing is closed', async () => {
    const connection = await upAt(server.url);
    expect(() => connection.close(1006)).toThrow('invalid code');
    expect(connection.status).toBe('open');
  });

  test('ends a wait, and replaces a connection', async () => {
    const connection = await upAt(server.url, { baseDelay: 1_000_000, maxDelay: 1_000_000 });
    const retry = nextOf(connection, 'retry');
    server.last.terminate();
    await retry;
    connection.reconnectNow();
    await nextOf(connection, 'up');
    const told = record(connection);
    connection.reconnectNow();
    await nextOf(connection, 'up');
    expect(told).toEqual(['down 1000', 'up']);
    expect(server.peers).toHaveLength(3);
  });
});

describe('a URL provider that does not settle', () => {
  let asked: ((url: string) => void)[];
  let isHanging: boolean;
  const provider = () =>
    isHanging
      ? new Promise<string>((resolve) => asked.push(resolve))
      : Promise.resolve(`${server.url}/second`);
  beforeEach(() => {
    asked = [];
    isHanging = true;
  });

  /** A connection whose provider has been called and hangs. */
  async function hanging(options?: ConnectOptions): Promise<LiveConnection> {
    const connection = live(provider, options);
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return connection;
  }

  test('fails the attempt after connectTimeout, and the next attempt calls it again', async () => {
    const started = performance.now();
    const connection = await hanging({ connectTimeout: 100 });
    const told = record(connection);
    await nextOf(connection, 'retry');
    expect(performance.now() - started).toBeGreaterThanOrEqual(99);
    isHanging = false;
    await nextOf(connection, 'up');
    expect(told).toEqual(['retry 1', 'up']);
    expect(connection.socket.url).toContain('/second');
  });

  test('is given up by reconnectNow(), and its late URL is ignored', async () => {
    const connection = await hanging();
    isHanging = false;
    connection.reconnectNow();
    asked[0]?.(`${server.url}/first`);
    await nextOf(connection, 'up');
    expect(connection.socket.url).toContain('/second');
    expect(server.peers).toHaveLength(1);
  });

  test('is given up by close(), and a late URL makes no connection', async () => {
    const connection = await hanging();
    const told = record(connection);
    connection.close();
    expect(told).toEqual(['ended 1000']);
    expect(connection.status).toBe('closed');
    asked[0]?.(`${server.url}/first`);
    // A connection of the late URL would have arrived before this one.
    await upAt(`${server.url}/other`);
    expect(server.peers).toHaveLength(1);
    expect(told).toEqual(['ended 1000']);
  });

  test.each([
    ['at once', () => Promise.resolve()],
    ['later', () => new Promise((resolve) => setTimeout(resolve, 20))],
  ])('is called again by reconnectNow() after close(), %s', async (_case, pause) => {
    const connection = await hanging();
    connection.close();
    await pause();
    isHanging = false;
    connection.reconnectNow();
    await nextOf(connection, 'up');
    expect(connection.socket.url).toContain('/second');
  });

  test('is not called when the connection is closed before its turn', async () => {
    const connection = live(provider);
    connection.close();
    await upAt(server.url);
    expect(asked).toHaveLength(0);
    isHanging = false;
    connection.reconnectNow();
    await nextOf(connection, 'up');
  });
});

test('reconnectNow() gives up an attempt whose handshake is not answered', async () => {
  const silent = createServer();
  const upgraded = once(silent, 'upgrade') as Promise<[unknown, Duplex]>;
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  let url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const connection = live(() => url);
  const [, socket] = await upgraded;
  url = server.url;
  connection.reconnectNow();
  await nextOf(connection, 'up');
  socket.destroy();
  silent.close();
});

describe('its owner, from inside a listener', () => {
  test('closes what is lost, and no further attempt is announced', async () => {
    const connection = await upAt(server.url);
    const told = record(connection);
    connection.on('down', () => connection.close());
    const closed = nextEvent(connection.socket, 'close');
    server.last.close(4000);
    await closed;
    expect(told).toEqual(['down 4000', 'ended 1000']);
  });

  test('replaces what is being replaced, once', async () => {
    const connection = await upAt(server.url);
    const told = record(connection);
    const stop = connection.on('down', () => {
      stop();
      connection.reconnectNow();
    });
    connection.reconnectNow();
    await nextOf(connection, 'up');
    expect(told).toEqual(['down 1000', 'up']);
    expect(server.peers).toHaveLength(2);
  });
});

describe('with a server that has the module', () => {
  test('who is told to leave comes back at once; who is only closed waits', async () => {
    const { app, url } = await startApp({
      imports: [HeartbeatModule.forRoot()],
      providers: [ChatGateway],
    });
    const options = { hello: true, baseDelay: 1_000_000, maxDelay: 1_000_000 };
    const connection = live(`${url}/chat`, options);
    await nextOf(connection, 'beat');
    expect(await connection.probe()).toBeGreaterThan(0);
    const retries = [nextOf(connection, 'retry')];
    const drain = nextOf(connection, 'drain');
    const drained = app.get(LivenessService).drain();
    expect(await drain).toMatchObject({ within: 50 });
    expect(await retries[0]).toEqual({ attempt: 1, delay: 0 });
    // The server is still there, and turns away who comes.
    expect((await nextOf(connection, 'retry')).delay).toBeGreaterThan(1);
    connection.close();
    await drained;
    await app.close();
  });

  test('who lost the path knows, and is back soon after it heals', async () => {
    const { app, url } = await startApp({
      imports: [HeartbeatModule.forRoot({ interval: 200, timeout: 500 })],
      providers: [ChatGateway],
    });
    const path = await Path.to(`${url}/chat`);
    const connection = live(path.url, { hello: true, maxDelay: 100, connectTimeout: 100 });
    await nextOf(connection, 'beat');
    const down = nextOf(connection, 'down');
    path.cut();
    expect(await down).toEqual({ code: 1006, reason: 'heartbeat timeout' });
    await nextOf(connection, 'retry');
    path.heal();
    const healed = performance.now();
    await nextOf(connection, 'up');
    expect(performance.now() - healed).toBeLessThan(500);
    connection.close();
    await path.close();
    await app.close();
  });
});

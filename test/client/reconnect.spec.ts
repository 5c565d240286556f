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
import { TcpProxy } from '../support/tcp.proxy.js';

/** A server that gives the test access to its connections. */
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

/** Records all events of a connection except `beat` and `drain`. */
function record(connection: LiveConnection): string[] {
  const reported: string[] = [];
  connection.on('up', () => reported.push('up'));
  connection.on('down', ({ code }) => reported.push(`down ${code}`));
  connection.on('retry', ({ attempt }) => reported.push(`retry ${attempt}`));
  connection.on('ended', ({ code }) => reported.push(`ended ${code}`));
  return reported;
}

let server: Server;
const connections = new Set<LiveConnection>();

function start(url: Parameters<typeof connect>[0], options: ConnectOptions = {}): LiveConnection {
  const connection = connect(url, { WebSocket, hello: false, baseDelay: 1, ...options });
  connections.add(connection);
  return connection;
}

async function openConnection(
  url: Parameters<typeof connect>[0],
  options?: ConnectOptions,
): Promise<LiveConnection> {
  const connection = start(url, options);
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

describe('a lost connection', () => {
  test('reconnects, and reports the close code', async () => {
    const connection = await openConnection(server.url);
    const reported = record(connection);
    server.last.terminate();
    await nextOf(connection, 'up');
    server.last.close(4408, 'heartbeat timeout');
    const down = nextOf(connection, 'down');
    await nextOf(connection, 'up');
    expect(await down).toEqual({ code: 4408, reason: 'heartbeat timeout' });
    expect(reported).toEqual(['down 1006', 'retry 1', 'up', 'down 4408', 'retry 2', 'up']);
    expect(connection.status).toBe('open');
  });

  test('has the close code of the server in the close event of its socket', async () => {
    const { socket } = await openConnection(server.url);
    const closed = nextEvent<CloseEvent>(socket, 'close');
    server.last.close(4000);
    expect((await closed).code).toBe(4000);
  });

  test('buffers messages up to the limit, and sends them in order', async () => {
    const connection = await openConnection(server.url, { maxBuffered: 2 });
    const down = nextOf(connection, 'down');
    server.last.terminate();
    await down;
    for (const text of ['a', 'b', 'c']) connection.send(text);
    await nextOf(connection, 'up');
    connection.send('d');
    while (!server.received.includes('d')) await once(server.last, 'message');
    expect(server.received).toEqual(['a', 'b', 'd']);
  });

  test('receives later messages on the same socket object', async () => {
    const connection = await openConnection(server.url);
    const { socket } = connection;
    server.last.terminate();
    await nextOf(connection, 'up');
    server.last.send('hello again');
    expect(await nextEvent(socket, 'message')).toMatchObject({ data: 'hello again' });
    expect(connection.socket).toBe(socket);
  });

  test.each([1000, 1008, 3000, 4411])('is closed permanently by code %i', async (code) => {
    const connection = await openConnection(server.url);
    const reported = record(connection);
    server.last.close(code);
    expect((await nextOf(connection, 'ended')).code).toBe(code);
    expect(reported).toEqual([`down ${code}`, `ended ${code}`]);
    expect(connection.status).toBe('closed');
    connection.reconnectNow();
    await nextOf(connection, 'up');
  });

  test('that was idle (4409) reconnects when there is a message to send', async () => {
    const connection = await openConnection(server.url);
    const retry = nextOf(connection, 'retry');
    server.last.close(4409);
    expect(await retry).toMatchObject({ delay: Infinity });
    connection.send('back');
    await nextOf(connection, 'up');
    while (server.received.length === 0) await once(server.last, 'message');
    expect(server.received).toEqual(['back']);
  });
});

describe('after a failed attempt', () => {
  test('the delays are random and their limit grows up to maxDelay', async () => {
    const { url } = server;
    await server.stop();
    const connection = start(url, { baseDelay: 4, maxDelay: 16 });
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

  test('that timed out, the connection opens once the path works again', async () => {
    const path = await TcpProxy.to(server.url);
    path.cut();
    const connection = start(path.url, { connectTimeout: 100, maxDelay: 100 });
    const reported = record(connection);
    await nextOf(connection, 'retry');
    await nextOf(connection, 'retry');
    expect(reported).toEqual(['retry 1', 'retry 2']);
    path.heal();
    await nextOf(connection, 'up');
    connection.close();
    await path.close();
  });

  test('whose URL function threw, the URL function is called again', async () => {
    let calls = 0;
    const connection = start(() => {
      if (++calls < 3) throw new Error('no ticket');
      return Promise.resolve(server.url);
    });
    const reported = record(connection);
    await nextOf(connection, 'up');
    expect(reported).toEqual(['retry 1', 'retry 2', 'up']);
  });

  test.each([
    ['function rejects', () => Promise.reject()],
    ['is invalid', () => Promise.resolve('no URL')],
  ])('whose URL %s, the socket dispatches no further close event', async (_case, next) => {
    let isGone = false;
    const connection = await openConnection(() => (isGone ? next() : Promise.resolve(server.url)));
    const codes: number[] = [];
    connection.socket.addEventListener('close', (event) => codes.push((event as CloseEvent).code));
    isGone = true;
    server.last.close(4000);
    while ((await nextOf(connection, 'retry')).attempt < 3);
    expect(codes).toEqual([4000]);
    isGone = false;
    await nextOf(connection, 'up');
  });

  test('with an invalid URL, the delay applies', async () => {
    const connection = start('not a URL', { baseDelay: 10_000_000, maxDelay: 10_000_000 });
    const reported = record(connection);
    await nextOf(connection, 'retry');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reported).toEqual(['retry 1']);
  });

  test('that the server refused, the next attempt follows after the delay', async () => {
    const http = createServer();
    let refused = 0;
    http.on('upgrade', (_request, socket) => {
      refused++;
      socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const delayed = start(url, { baseDelay: 10_000_000, maxDelay: 10_000_000 });
    expect(await nextEvent(delayed.socket, 'close')).toMatchObject({ code: 1006 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(refused).toBe(1);
    delayed.close();
    const connection = start(url);
    while (refused < 4) await nextOf(connection, 'retry');
    connection.close();
    http.close();
  });
});

describe('the application', () => {
  test('closes a connection permanently, with its own code', async () => {
    const connection = await openConnection(server.url);
    const reported = record(connection);
    const closed = once(server.last, 'close') as Promise<[number, Buffer]>;
    const dispatched = nextEvent<CloseEvent>(connection.socket, 'close');
    connection.close(4001, 'bye');
    expect(connection.status).toBe('closed');
    expect(reported).toEqual(['down 4001', 'ended 4001']);
    expect((await dispatched).code).toBe(4001);
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([4001, 'bye']);
    connection.send('dropped');
    expect(connection.socket.bufferedAmount).toBe(0);
  });

  test('closes a waiting connection, and opens it again by reconnectNow()', async () => {
    const connection = await openConnection(server.url, {
      baseDelay: 1_000_000,
      maxDelay: 1_000_000,
    });
    const retry = nextOf(connection, 'retry');
    server.last.terminate();
    await retry;
    const reported = record(connection);
    connection.close();
    expect(reported).toEqual(['ended 1000']);
    connection.reconnectNow();
    await nextOf(connection, 'up');
  });

  test('gets an error for an invalid close code, and the connection stays open', async () => {
    const connection = await openConnection(server.url);
    expect(() => connection.close(1006)).toThrow('invalid code');
    expect(connection.status).toBe('open');
  });

  test('ends a delay, or replaces an open connection, by reconnectNow()', async () => {
    const connection = await openConnection(server.url, {
      baseDelay: 1_000_000,
      maxDelay: 1_000_000,
    });
    const retry = nextOf(connection, 'retry');
    server.last.terminate();
    await retry;
    connection.reconnectNow();
    await nextOf(connection, 'up');
    const reported = record(connection);
    connection.reconnectNow();
    await nextOf(connection, 'up');
    expect(reported).toEqual(['down 1000', 'up']);
    expect(server.peers).toHaveLength(3);
  });
});

describe('a URL function whose promise does not settle', () => {
  let pending: ((url: string) => void)[];
  let isHanging: boolean;
  const urlFunction = () =>
    isHanging
      ? new Promise<string>((resolve) => pending.push(resolve))
      : Promise.resolve(`${server.url}/second`);
  beforeEach(() => {
    pending = [];
    isHanging = true;
  });

  /** A connection whose URL function has been called. */
  async function hanging(options?: ConnectOptions): Promise<LiveConnection> {
    const connection = start(urlFunction, options);
    while (pending.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return connection;
  }

  test('fails the attempt after connectTimeout, and the next attempt calls it again', async () => {
    const startedAt = performance.now();
    const connection = await hanging({ connectTimeout: 100 });
    const reported = record(connection);
    await nextOf(connection, 'retry');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
    isHanging = false;
    await nextOf(connection, 'up');
    expect(reported).toEqual(['retry 1', 'up']);
    expect(connection.socket.url).toContain('/second');
  });

  test('is abandoned by reconnectNow(), and its late URL is ignored', async () => {
    const connection = await hanging();
    isHanging = false;
    connection.reconnectNow();
    pending[0]?.(`${server.url}/first`);
    await nextOf(connection, 'up');
    expect(connection.socket.url).toContain('/second');
    expect(server.peers).toHaveLength(1);
  });

  test('is abandoned by close(), and its late URL opens no connection', async () => {
    const connection = await hanging();
    const reported = record(connection);
    connection.close();
    expect(reported).toEqual(['ended 1000']);
    expect(connection.status).toBe('closed');
    pending[0]?.(`${server.url}/first`);
    // A connection to the late URL would open before this one.
    await openConnection(`${server.url}/other`);
    expect(server.peers).toHaveLength(1);
    expect(reported).toEqual(['ended 1000']);
  });

  test.each([
    ['immediately', () => Promise.resolve()],
    ['20 ms later', () => new Promise((resolve) => setTimeout(resolve, 20))],
  ])('is called again by reconnectNow() after close(), %s', async (_case, pause) => {
    const connection = await hanging();
    connection.close();
    await pause();
    isHanging = false;
    connection.reconnectNow();
    await nextOf(connection, 'up');
    expect(connection.socket.url).toContain('/second');
  });

  test('is not called if the connection is closed first', async () => {
    const connection = start(urlFunction);
    connection.close();
    await openConnection(server.url);
    expect(pending).toHaveLength(0);
    isHanging = false;
    connection.reconnectNow();
    await nextOf(connection, 'up');
  });
});

test.each<['close' | 'reconnectNow', string[]]>([
  ['close', ['ended 1000']],
  ['reconnectNow', ['up']],
])('a URL function may call %s()', async (method, expected) => {
  let calls = 0;
  const connection: LiveConnection = start(() => {
    if (++calls === 1) connection[method]();
    return `${server.url}/${calls}`;
  });
  const reported = record(connection);
  await nextOf(connection, method === 'close' ? 'ended' : 'up');
  await openConnection(`${server.url}/other`);
  expect(reported).toEqual(expected);
  expect(calls).toBe(method === 'close' ? 1 : 2);
  expect(server.peers).toHaveLength(calls);
});

test('reconnectNow() directly after connect() opens one connection', async () => {
  const connection = start(server.url);
  connection.reconnectNow();
  await nextOf(connection, 'up');
  await openConnection(server.url);
  expect(server.peers).toHaveLength(2);
});

test('probe() of a connection that is not open rejects with HEARTBEAT_UNAVAILABLE', async () => {
  const unavailable = { code: 'HEARTBEAT_UNAVAILABLE' };
  const connection = start(server.url, { baseDelay: 1_000_000, maxDelay: 1_000_000 });
  await expect(connection.probe()).rejects.toMatchObject(unavailable);
  await nextOf(connection, 'up');
  const retry = nextOf(connection, 'retry');
  server.last.terminate();
  await retry;
  expect(connection.status).toBe('waiting');
  await expect(connection.probe()).rejects.toMatchObject(unavailable);
  connection.close();
  await expect(connection.probe()).rejects.toMatchObject(unavailable);
});

test('reconnectNow() abandons an attempt whose handshake is not answered', async () => {
  const silent = createServer();
  const upgraded = once(silent, 'upgrade') as Promise<[unknown, Duplex]>;
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  let url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const connection = start(() => url);
  const [, socket] = await upgraded;
  url = server.url;
  connection.reconnectNow();
  await nextOf(connection, 'up');
  socket.destroy();
  silent.close();
});

describe('the application, inside a listener', () => {
  test('closes a lost connection, and no retry is reported', async () => {
    const connection = await openConnection(server.url);
    const reported = record(connection);
    connection.on('down', () => connection.close());
    const closed = nextEvent(connection.socket, 'close');
    server.last.close(4000);
    await closed;
    expect(reported).toEqual(['down 4000', 'ended 1000']);
  });

  test('calls reconnectNow() during reconnectNow(), and one connection opens', async () => {
    const connection = await openConnection(server.url);
    const reported = record(connection);
    const remove = connection.on('down', () => {
      remove();
      connection.reconnectNow();
    });
    connection.reconnectNow();
    await nextOf(connection, 'up');
    expect(reported).toEqual(['down 1000', 'up']);
    expect(server.peers).toHaveLength(2);
  });
});

describe('with a server that uses the module', () => {
  test('the client reconnects at once after a drain, and after a delay if the close was not announced', async () => {
    const { app, url } = await startApp({
      imports: [HeartbeatModule.forRoot()],
      providers: [ChatGateway],
    });
    const options = { hello: true, baseDelay: 1_000_000, maxDelay: 1_000_000 };
    const connection = start(`${url}/chat`, options);
    await nextOf(connection, 'beat');
    expect(await connection.probe()).toBeGreaterThan(0);
    const retries = [nextOf(connection, 'retry')];
    const drain = nextOf(connection, 'drain');
    const drained = app.get(LivenessService).drain();
    expect(await drain).toMatchObject({ within: 50 });
    expect(await retries[0]).toEqual({ attempt: 1, delay: 0 });
    // The server still runs, and closes new connections without an announcement.
    expect((await nextOf(connection, 'retry')).delay).toBeGreaterThan(1);
    connection.close();
    await drained;
    await app.close();
  });

  test('a client whose path is cut detects it, and reconnects soon after the path works again', async () => {
    const { app, url } = await startApp({
      imports: [HeartbeatModule.forRoot({ interval: 200, timeout: 500 })],
      providers: [ChatGateway],
    });
    const path = await TcpProxy.to(`${url}/chat`);
    const connection = start(path.url, { hello: true, maxDelay: 100, connectTimeout: 100 });
    await nextOf(connection, 'beat');
    const down = nextOf(connection, 'down');
    path.cut();
    expect(await down).toEqual({ code: 1006, reason: 'heartbeat timeout' });
    await nextOf(connection, 'retry');
    path.heal();
    const healedAt = performance.now();
    await nextOf(connection, 'up');
    expect(performance.now() - healedAt).toBeLessThan(500);
    connection.close();
    await path.close();
    await app.close();
  });
});

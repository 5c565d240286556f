import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { WebSocketServer, type ClientOptions } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK } from '../support/monitored.js';
import { tlsClient, tlsServer } from '../support/tls.js';
import { urlOf } from '../support/url.js';
import { Deployment, expectMonitored, rootModule } from './deployment.js';

const folder = mkdtempSync(join(tmpdir(), 'heartbeat-'));
let sockets = 0;

afterAll(() => rmSync(folder, { recursive: true }));

@WebSocketGateway({ path: '/deflate', perMessageDeflate: true })
class DeflateGateway {
  @SubscribeMessage('say')
  chat(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}

const providers = [ChatGateway, DeflateGateway];

/** An application that listens on a Unix socket, as one behind a proxy on the same machine does. */
async function startUnix() {
  const path = join(folder, `${sockets++}.sock`);
  const app = await NestFactory.create(rootModule({ providers }), { logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  const deployment = Deployment.of(app, `ws+unix:${path}:`);
  await app.listen(path);
  return { deployment, path };
}

/** An application with TLS of its own. */
async function startTls(): Promise<Deployment> {
  const app = await NestFactory.create(rootModule({ providers }), {
    logger: false,
    httpsOptions: tlsServer,
  });
  app.useWebSocketAdapter(new WsAdapter(app));
  const deployment = Deployment.of(app);
  await app.listen(0, '127.0.0.1');
  deployment.url = urlOf(app);
  return deployment;
}

const KINDS: [kind: string, start: () => Promise<Deployment>, options: ClientOptions][] = [
  ['TCP', () => Deployment.http({ providers }), {}],
  ['TLS', startTls, tlsClient],
  ['Unix', async () => (await startUnix()).deployment, {}],
];

/**
 * A stream in front of a TCP socket, as one that unwraps a tunnel or multiplexes is. It has no `bytesRead`, no
 * handle, no `resetAndDestroy()`, and no address.
 */
class Tunnel extends Duplex {
  constructor(private readonly socket: Socket) {
    super();
    socket.on('data', (data) => this.push(data) || socket.pause());
    socket.on('end', () => this.push(null));
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }
  override _final(done: () => void): void {
    this.socket.end(done);
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}

const servers = new Set<Server>();

afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

/** An application that watches a `ws` server whose connections are no sockets. */
async function startWithTunnel(options: HeartbeatModuleOptions = QUICK) {
  const deployment = await Deployment.http({}, { options });
  const webSocketServer = new WebSocketServer({ noServer: true });
  deployment.liveness.watch(webSocketServer);
  webSocketServer.on('connection', (client) => client.on('message', (data) => client.send(data)));
  const http = createHttpServer();
  http.on('upgrade', (request, stream, head) => {
    if (!(stream instanceof Tunnel)) throw new Error('not a Tunnel');
    webSocketServer.handleUpgrade(request, stream, head, (client) =>
      webSocketServer.emit('connection', client, request),
    );
  });
  const outer = createServer((socket) => http.emit('connection', new Tunnel(socket)));
  servers.add(outer);
  outer.listen(0, '127.0.0.1');
  await once(outer, 'listening');
  deployment.url = `ws://127.0.0.1:${(outer.address() as AddressInfo).port}`;
  return deployment;
}

test.each(
  KINDS.flatMap(([kind, start, options]) =>
    ['/chat', '/deflate'].map((path) => ({ kind, path, start, options })),
  ),
)('on a $kind socket clients of $path are monitored and drained', async (cell) => {
  await expectMonitored(await cell.start(), cell.path, cell.options);
});

test('a compressing gateway answers compressed messages of a client that is monitored', async () => {
  const deployment = await Deployment.http({ providers });
  const client = await deployment.connect('/deflate');
  expect(client.socket.extensions).toContain('permessage-deflate');
  const long = 'a'.repeat(100_000);
  expect(await client.request('say', long)).toEqual({ event: 'said', data: long });
  expect(deployment.liveness.isAlive(client.peer)).toBe(true);
});

test('dead clients on a Unix socket are all released, although such a socket cannot be reset', async () => {
  const { deployment, path } = await startUnix();
  const { events, liveness } = deployment;
  const dead = [];
  for (let count = 0; count < 3; count++) {
    dead.push(await deployment.connect('/chat', { autoPong: false }));
  }
  for (const { closed } of dead) expect(await closed).toMatchObject({ code: 1006 });
  for (const { peer } of dead) await events.when('disconnected', ({ client }) => client === peer);
  for (const { peer } of dead) {
    expect(events.about(peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
  }
  expect(liveness.size).toBe(0);
  await deployment.close();
  expect(existsSync(path)).toBe(false);
});

test('the drain ends on a Unix socket while a client there does not answer the close frame', async () => {
  const { deployment } = await startUnix();
  const { liveness } = deployment;
  const healthy = await deployment.connect('/chat');
  const paused = await deployment.connect('/chat');
  paused.socket.pause();
  await expect(liveness.drain({ within: 50 })).resolves.toMatchObject({ terminated: 1 });
  expect(await healthy.closed).toMatchObject({ code: 1012 });
  expect(liveness.size).toBe(0);
  paused.socket.terminate();
});

test('clients on a Duplex that is no socket are monitored and drained', async () => {
  await expectMonitored(await startWithTunnel());
});

test('a healthy client on a Duplex stays for many timeouts, silent or not', async () => {
  const deployment = await startWithTunnel();
  const { events } = deployment;
  const silent = await deployment.connect();
  const talking = await deployment.connect();
  const end = performance.now() + 5 * QUICK.timeout;
  while (performance.now() < end) {
    await talking.request('say', 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(events.about(silent.peer)).toEqual(['connected']);
  expect(events.about(talking.peer)).toEqual(['connected']);
});

test('a client on a Duplex has no address, and disconnect() and probe() work on it', async () => {
  const deployment = await startWithTunnel();
  const { events, liveness } = deployment;
  const client = await deployment.connect();
  expect(liveness.get(client.peer)).toMatchObject({ remoteAddress: undefined, state: 'alive' });
  await expect(liveness.probe(client.peer)).resolves.toBeGreaterThan(0);
  liveness.disconnect(client.peer);
  expect(await client.closed).toMatchObject({ code: 1000 });
  await events.when('disconnected');
  expect(events.about(client.peer)).toEqual(['connected', 'evicted', 'disconnected']);
});

test('the drain ends while a client on a Duplex does not answer the close frame', async () => {
  const deployment = await startWithTunnel({ interval: 20_000, timeout: 40_000 });
  const { events, liveness } = deployment;
  const paused = await deployment.connect();
  const healthy = await deployment.connect();
  paused.socket.pause();
  await expect(liveness.drain({ within: 50 })).resolves.toMatchObject({ closed: 1, terminated: 1 });
  expect(await healthy.closed).toMatchObject({ code: 1012 });
  for (const { peer } of [paused, healthy]) {
    expect(events.about(peer).filter((type) => type === 'disconnected')).toHaveLength(1);
  }
  expect(liveness.size).toBe(0);
  paused.socket.terminate();
});

test('dead clients on a Duplex do not keep others from being evicted', async () => {
  const deployment = await startWithTunnel();
  const { events, liveness } = deployment;
  const dead = [];
  for (let count = 0; count < 3; count++)
    dead.push(await deployment.connect('/', { autoPong: false }));
  for (const { closed } of dead) expect(await closed).toMatchObject({ code: 1006 });
  for (const { peer } of dead) {
    await events.when('disconnected', ({ client }) => client === peer);
    expect(events.about(peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
  }
  expect(liveness.size).toBe(0);
});

test('a client on a Duplex that stops reading is evicted, although the application keeps sending to it', async () => {
  const deployment = await startWithTunnel();
  const { events } = deployment;
  const stopped = await deployment.connect('/', { autoPong: false });
  stopped.socket.pause();
  const since = performance.now();
  const chunk = Buffer.alloc(65_536);
  const sending = setInterval(() => stopped.peer.send(chunk), 20);
  const { eviction } = await events.when('disconnected', ({ client }) => client === stopped.peer);
  clearInterval(sending);
  expect(eviction).toMatchObject({ cause: 'unresponsive', code: 1006 });
  // What the kernels take at once, at 3 MiB/s, and then the timeout. By `backlog.max` it would take 10 s.
  expect(performance.now() - since).toBeLessThan(6_000);
  stopped.socket.terminate();
});

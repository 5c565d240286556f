import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { ClientOptions } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
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

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { openClient, type ClientTarget } from 'nestjs-heartbeat/testing';
import { writeCertificate } from '../../scripts/matrix/certificate.mjs';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';

let folder: string;
let app: INestApplication | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hb-'));
  writeCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts an application, at a host or on a Unix socket. */
async function start(
  at: string,
  httpsOptions?: NestApplicationOptions['httpsOptions'],
): Promise<INestApplication> {
  app = await createApp({ providers: [ChatGateway] }, { httpsOptions });
  if (at.startsWith('/')) await app.listen({ path: at } as unknown as string);
  else await app.listen(0, at);
  return app;
}

const startTls = () =>
  start('127.0.0.1', {
    key: readFileSync(join(folder, 'key.pem')),
    cert: readFileSync(join(folder, 'certificate.pem')),
  });

const TARGETS: [name: string, target: () => Promise<ClientTarget>][] = [
  ['an application', () => start('127.0.0.1')],
  ['an application at every address', () => start('0.0.0.0')],
  ['an application at another address', () => start('127.0.0.2')],
  ['an HTTP server', async () => (await start('127.0.0.1')).getHttpServer()],
  ['the URL of an application', async () => (await start('127.0.0.1')).getUrl()],
  ['an application with a self-signed certificate', startTls],
  ['an application on a Unix socket', () => start(join(folder, 's'))],
  [
    'the URL of a Unix socket',
    async () => {
      await start(join(folder, 's'));
      return `ws+unix:${join(folder, 's')}:/`;
    },
  ],
];

test.each(TARGETS)('openClient() connects to %s', async (_, findTarget) => {
  const client = await openClient(await findTarget(), { path: '/chat' });
  client.send('say', 'hello');
  expect(await client.next('said')).toBe('hello');
  await client[Symbol.asyncDispose]();
  await app?.close();
});

test('a URL with TLS needs the certificate', async () => {
  const url = (await (await startTls()).getUrl()).replace('https', 'wss') + '/chat';
  await expect(openClient(url)).rejects.toThrow('self-signed certificate');
  const ca = readFileSync(join(folder, 'certificate.pem'));
  const client = await openClient(url, {
    socketOptions: { ca, checkServerIdentity: () => false },
  });
  await client[Symbol.asyncDispose]();
  await app?.close();
});

test('a server that does not listen is refused', async () => {
  await expect(openClient(createServer())).rejects.toThrow(
    new TypeError('openClient(): the server does not listen. Call listen(0) first.'),
  );
});

test('a handshake that fails rejects', async () => {
  await expect(openClient(await start('127.0.0.1'), { path: '/other' })).rejects.toThrow(
    'socket hang up',
  );
  await app?.close();
});

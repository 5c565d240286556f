import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { INestApplicationContext } from '@nestjs/common';
import type { ClientOptions } from 'ws';
import { TestClient } from './test.client.js';

/**
 * Options of `openClient()`.
 *
 * @publicApi
 */
export interface OpenClientOptions {
  /** The path of the gateway, such as `/chat`. Default: that of the URL, or `/`. */
  readonly path?: string;
  /** Subprotocols. */
  readonly protocols?: string | string[];
  /** Headers of the handshake. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the client answers pings from the start. Default `true`. */
  readonly answersPings?: boolean;
  /** Further options of the `ws` client, such as `ca` or `perMessageDeflate`. */
  readonly socketOptions?: Readonly<Omit<ClientOptions, 'autoPong' | 'headers'>>;
}

/** An application, its HTTP server, or a URL, such as `wss://localhost:3000/chat` or `ws+unix:/tmp/socket:/chat`. */
export type ClientTarget = INestApplicationContext | Server | string;

/**
 * Connects a real `ws` client. It is closed when the server closes, and by `await using`.
 *
 * @param target a Nest application or an HTTP server that listens, or a URL. The certificate of an application or a server
 * is not verified.
 * @throws TypeError (rejects) for a server that does not listen
 * @throws Error (rejects) if the handshake fails
 */
export async function openClient(
  target: ClientTarget,
  {
    path,
    protocols = [],
    headers = {},
    answersPings = true,
    socketOptions,
  }: OpenClientOptions = {},
): Promise<TestClient> {
  const { WebSocket } = await import('ws');
  const server = typeof target === 'string' ? undefined : serverOf(target);
  const url = server === undefined ? (target as string) : urlOf(server);
  const trust = server instanceof TlsServer ? { rejectUnauthorized: false } : {};
  const options = { ...trust, ...socketOptions, headers, autoPong: false };
  const socket = new WebSocket(withPath(url, path), protocols, options);
  const opened = new Promise<TestClient>((resolve, reject) => {
    let client: TestClient | undefined;
    socket.once('upgrade', ({ socket: raw }: { socket: Socket }) => {
      client = new TestClient(socket, raw);
      client.answersPings = answersPings;
    });
    socket.once('open', () => {
      if (client !== undefined) resolve(client);
    });
    socket.once('error', reject);
  });
  server?.once('close', () => socket.terminate());
  return opened;
}

function serverOf(target: Exclude<ClientTarget, string>): Server {
  if ('getHttpServer' in target) return (target as { getHttpServer(): Server }).getHttpServer();
  return target as Server;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null)
    throw new TypeError('openClient(): the server does not listen. Call listen(0) first.');
  if (typeof address === 'string') return `ws+unix:${address}:`;
  const isAny = address.address === '::' || address.address === '0.0.0.0';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${server instanceof TlsServer ? 'wss' : 'ws'}://${isAny ? 'localhost' : host}:${address.port}`;
}

/** The URL with another path. In a URL of a Unix socket, the path follows the last colon. */
function withPath(url: string, path: string | undefined): string {
  if (path === undefined) return url;
  if (url.startsWith('ws+unix:')) return url.slice(0, url.lastIndexOf(':') + 1) + path;
  return new URL(path, url.replace(/^http/, 'ws')).href;
}

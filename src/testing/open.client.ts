import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
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
}

/** An application, its HTTP server, or a URL. */
export type ClientTarget = INestApplicationContext | Server | string;

/**
 * Connects a real `ws` client. It is closed when the server closes, and by `await using`.
 *
 * @param target a Nest application or an HTTP server that listens, or a URL
 * @throws TypeError (rejects) for a server that does not listen
 * @throws Error (rejects) if the handshake fails
 */
export async function openClient(
  target: ClientTarget,
  { path = '', protocols = [], headers = {}, answersPings = true }: OpenClientOptions = {},
): Promise<TestClient> {
  const { WebSocket } = await import('ws');
  const server = typeof target === 'string' ? undefined : serverOf(target);
  const url = typeof target === 'string' ? target : urlOf(serverOf(target));
  const address = new URL(path, url.replace(/^http/, 'ws'));
  const socket = new WebSocket(address, protocols, { headers, autoPong: false });
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
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError(
      'openClient(): the server does not listen on a port. Call listen(0) first.',
    );
  return `ws://localhost:${address.port}`;
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Watch } from './watch.js';

/** Starts a bare `ws` server. */
export async function startWs(watch: Watch): Promise<{ server: WebSocketServer; port: number }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/bench' });
  server.on('connection', (client, { socket }) => {
    client.on('error', () => client.terminate());
    watch.connection(client, socket);
  });
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** Sends every message back to its client. */
export function echo(server: WebSocketServer): void {
  server.on('connection', (client) =>
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary })),
  );
}

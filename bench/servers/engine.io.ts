// An engine.io server, reached by WebSocket.
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'engine.io';
import { serve, serverSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';

const { interval, timeout, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const http = createServer();
const engine = new Server({
  transports: ['websocket'],
  pingInterval: interval,
  pingTimeout: timeout - interval,
});
engine.attach(http, { path: '/bench' });
engine.on('connection', (client: Socket & { request: IncomingMessage }) => {
  client.on('message', (data) => client.send(data));
  watch.connection(client, client.request.socket);
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');
serve((http.address() as AddressInfo).port, watch);

import type { WebSocket, WebSocketServer } from 'ws';

/**
 * The loop that the README of `ws` recommends and most applications copy. Once per interval, it terminates each client
 * that did not answer the last ping, and pings all others.
 */
export function readmeLoop(server: WebSocketServer, interval: number): void {
  const silent = new WeakSet<WebSocket>();
  server.on('connection', (client) => client.on('pong', () => silent.delete(client)));
  setInterval(() => {
    for (const client of server.clients) {
      if (silent.has(client)) {
        client.terminate();
        continue;
      }
      silent.add(client);
      client.ping();
    }
  }, interval);
}

import type { WebSocket, WebSocketServer } from 'ws';

/**
 * The loop that the README of `ws` recommends and most applications copy. Once per interval, it terminates each client
 * that did not answer the last ping, and pings all others. Returns a function that stops it, or starts it again.
 */
export function readmeLoop(server: WebSocketServer, interval: number): (isOn: boolean) => void {
  const silent = new WeakSet<WebSocket>();
  let timer: NodeJS.Timeout | undefined;
  const onPong = function (this: WebSocket) {
    silent.delete(this);
  };
  const ping = () => {
    for (const client of server.clients) {
      if (silent.has(client)) {
        client.terminate();
        continue;
      }
      silent.add(client);
      client.ping();
    }
  };
  // The listeners stay: without pings, they are never called.
  const turn = (isOn: boolean) => {
    clearInterval(timer);
    if (isOn) timer = setInterval(ping, interval);
  };
  server.on('connection', (client) => client.on('pong', onPong));
  turn(true);
  return turn;
}

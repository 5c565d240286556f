// Bun's own WebSocket server with its idle timeout and the pings that go with it. Runs in Bun.
import { serve, serverSettings } from '../support/server.js';
import { Watch, type Watched } from '../support/watch.js';

/** The part of the API of Bun that is used here. */
interface Bun {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: Server): Response | undefined;
    websocket: {
      /** Seconds. */
      idleTimeout: number;
      sendPings: boolean;
      open(client: Client): void;
      message(client: Client, data: string | Uint8Array): void;
      pong(client: Client): void;
      close(client: Client): void;
    };
  }): Server;
  gc(force: boolean): void;
}
interface Server {
  readonly port: number;
  upgrade(request: Request): boolean;
}
interface Client {
  send(data: string | Uint8Array): void;
}

const { Bun } = globalThis as unknown as { Bun: Bun };
const { timeout, watch: isWatched } = serverSettings();
const watch = new Watch(isWatched);
const watched = new WeakMap<Client, Watched>();
const onReceived = (client: Client) => {
  const entry = watched.get(client);
  if (entry !== undefined) entry.receivedAt = performance.now();
};
globalThis.gc = (() => Bun.gc(true)) as NodeJS.GCFunction;

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response(null, { status: 400 }),
  websocket: {
    idleTimeout: Math.ceil(timeout / 1_000),
    sendPings: true,
    open: (client) => void watched.set(client, watch.add()),
    message: (client, data) => {
      onReceived(client);
      client.send(data);
    },
    pong: onReceived,
    close: (client) => {
      const entry = watched.get(client);
      if (entry !== undefined) entry.closedAt = performance.now();
    },
  },
});
serve(server.port, watch);

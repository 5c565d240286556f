import type { IncomingMessage } from 'node:http';
import type { WebSocket, WebSocketServer } from 'ws';

/** A client and its handshake request, if that is known. */
export interface PreInitConnection {
  readonly client: WebSocket;
  readonly request?: IncomingMessage;
}

/**
 * Collects the clients that connect before the module is ready. A gateway with a port of its own accepts clients as
 * soon as Nest has created its server, while `onModuleInit` hooks still run.
 */
export class PreInitConnections {
  private readonly collected = new Map<WebSocketServer, PreInitConnection[]>();
  private readonly listeners = new Map<
    WebSocketServer,
    (client: WebSocket, request: IncomingMessage) => void
  >();

  /** Collects the clients of a server from now on. */
  watch(server: WebSocketServer): void {
    if (this.listeners.has(server)) return;
    const connections: PreInitConnection[] = [];
    const listener = (client: WebSocket, request: IncomingMessage) =>
      void connections.push({ client, request });
    server.prependListener('connection', listener);
    this.collected.set(server, connections);
    this.listeners.set(server, listener);
  }

  /** The clients that are connected. Those that connected before `watch()` have no request. */
  of(server: WebSocketServer): PreInitConnection[] {
    const seen = (this.collected.get(server) ?? []).filter(
      ({ client }) => client.readyState !== client.CLOSED,
    );
    const known = new Set(seen.map(({ client }) => client));
    const unseen = [...(server.clients ?? [])].filter((client) => !known.has(client));
    return [...seen, ...unseen.map((client) => ({ client }))];
  }

  /** Stops watching all servers. */
  stop(): void {
    for (const [server, listener] of this.listeners) server.off('connection', listener);
    this.listeners.clear();
    this.collected.clear();
  }
}

import type { WebSocket } from 'ws';
import type { WsConnection } from '../transport/ws.connection.js';
import type { Liveness } from '../heartbeat.interfaces.js';

/**
 * Keeps the connection of each client in a property of the client. That takes no map entry per connection, and the
 * last state of a closed connection lives as long as the client object. The properties are not enumerable, so that
 * copies and logs of a client do not include them.
 */
export class ClientSlots {
  private readonly connectionKey = Symbol('heartbeat');
  private readonly lastStateKey = Symbol('heartbeat: last state');

  /** The connection of a client; `undefined` if the client is not tracked, or the value is no client. */
  connectionOf(client: WebSocket): WsConnection | undefined {
    return this.read(client, this.connectionKey) as WsConnection | undefined;
  }

  setConnection(client: WebSocket, connection: WsConnection | undefined): void {
    this.write(client, this.connectionKey, connection);
  }

  /** Whether a client ever had a connection. */
  isKnown(client: WebSocket): boolean {
    return Object.hasOwn(client ?? {}, this.connectionKey);
  }

  /** The last state of a client whose connection closed. */
  lastStateOf(client: WebSocket): Liveness | undefined {
    return this.read(client, this.lastStateKey) as Liveness | undefined;
  }

  setLastState(client: WebSocket, liveness: Liveness): void {
    this.write(client, this.lastStateKey, liveness);
  }

  private read(client: WebSocket | null | undefined, key: symbol): unknown {
    return (client as Record<symbol, unknown> | null | undefined)?.[key];
  }

  private write(client: WebSocket, key: symbol, value: unknown): void {
    Object.defineProperty(client, key, { value, configurable: true });
  }
}

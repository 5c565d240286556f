import type { WebSocket } from 'ws';
import type { WsConnection } from '../transport/ws.connection.js';

/** Handles the events of clients. */
export interface ClientEvents {
  message(connection: WsConnection, data: unknown, isBinary: boolean): void;
  pong(connection: WsConnection, data: Buffer): void;
  ping(connection: WsConnection): void;
  close(connection: WsConnection, code: number, reason: string): void;
}

/**
 * The listeners of all clients. They are the same functions for each client, because a set of closures would take
 * more memory than the record of a connection. `ws` calls them with the client as `this`.
 */
export class ClientListeners {
  private readonly message: (this: WebSocket, data: unknown, isBinary: boolean) => void;
  private readonly pong: (this: WebSocket, data: Buffer) => void;
  private readonly ping: (this: WebSocket) => void;
  private readonly close: (this: WebSocket, code: number, reason: Buffer) => void;

  /** `find`: the connection of a client; `undefined` once it is no longer tracked. */
  constructor(find: (client: WebSocket) => WsConnection | undefined, events: ClientEvents) {
    this.message = function (data, isBinary) {
      const connection = find(this);
      if (connection !== undefined) events.message(connection, data, isBinary);
    };
    this.pong = function (data) {
      const connection = find(this);
      if (connection !== undefined) events.pong(connection, data);
    };
    this.ping = function () {
      const connection = find(this);
      if (connection !== undefined) events.ping(connection);
    };
    this.close = function (code, reason) {
      const connection = find(this);
      if (connection !== undefined) events.close(connection, code, reason.toString());
    };
  }

  add(client: WebSocket): void {
    client.on('message', this.message);
    client.on('pong', this.pong);
    client.on('ping', this.ping);
    client.on('close', this.close);
  }

  remove(client: WebSocket): void {
    client.off('message', this.message);
    client.off('pong', this.pong);
    client.off('ping', this.ping);
    client.off('close', this.close);
  }
}

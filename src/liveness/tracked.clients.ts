import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { HeartbeatShutdownError, UnknownClientError } from '../heartbeat.errors.js';
import { HeartbeatShutdown } from '../lifecycle/heartbeat.shutdown.js';
import type { WsConnection } from '../transport/ws.connection.js';

/** Finds the connection that a method of `LivenessService` was called with. */
@Injectable()
export class TrackedClients {
  constructor(
    private readonly connections: ConnectionRegistry,
    private readonly shutdown: HeartbeatShutdown,
  ) {}

  /**
   * The connection of a client; `undefined` if it has closed, and after shutdown.
   *
   * @throws UnknownClientError for a client that was never tracked
   */
  find(client: WebSocket, method: string): WsConnection | undefined {
    const connection = this.connections.find(client);
    if (connection === undefined && !this.shutdown.isShutDown && !this.connections.knows(client)) {
      throw new UnknownClientError(method);
    }
    return connection;
  }

  /** @throws HeartbeatShutdownError after shutdown */
  refuseAfterShutdown(method: string): void {
    if (this.shutdown.isShutDown) throw new HeartbeatShutdownError(method);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { IncomingMessage } from 'node:http';
import type { WebSocket, WebSocketServer } from 'ws';
import type { PreInitConnection } from '../discovery/pre-init.connections.js';
import type { MonitoredServer } from '../transport/monitored.server.js';
import { WsConnection } from '../transport/ws.connection.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import { logger } from '../heartbeat.logger.js';
import { stackOf } from '../heartbeat.text.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { attempt } from '../transport/attempt.js';
import { watchCloses } from '../transport/close.origin.js';
import { ClientListeners } from './client.listeners.js';
import { ClientSlots } from './client.slots.js';
import { ConnectionReceiver } from './connection.receiver.js';
import { snapshotOf } from './liveness.snapshot.js';
import { StartContext } from './start.context.js';
import { ABNORMAL } from './closed.connection.js';
import { ConnectionCounters } from './connection.counters.js';
import { ConnectionReports } from './connection.reports.js';
import { TrackedServers } from './tracked.servers.js';

/** Tracks every connection, from its `'connection'` event to its `'close'`. */
@Injectable()
export class ConnectionRegistry {
  /** The servers whose connections are tracked. */
  readonly servers = new TrackedServers();
  private readonly connections = new Set<WsConnection>();
  private readonly slots = new ClientSlots();
  private readonly listeners: ClientListeners;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly counters: ConnectionCounters,
    private readonly reports: ConnectionReports,
    private readonly start: StartContext,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
    receiver: ConnectionReceiver,
  ) {
    this.listeners = new ClientListeners((client) => this.find(client), {
      message: (connection, data, isBinary) => receiver.onMessage(connection, data, isBinary),
      pong: (connection, data) => receiver.onPong(connection, data),
      ping: (connection) => receiver.onPing(connection),
      close: (connection, code, reason) =>
        start.run(() => this.disconnect(connection, code, reason)),
    });
  }

  get size(): number {
    return this.connections.size;
  }

  all(): IterableIterator<WsConnection> {
    return this.connections.values();
  }

  find(client: WebSocket): WsConnection | undefined {
    return this.slots.connectionOf(client);
  }

  /** The last state of a client whose connection closed. */
  lastStateOf(client: WebSocket): Liveness | undefined {
    return this.slots.lastStateOf(client);
  }

  /** Whether a client was ever tracked. */
  knows(client: WebSocket): boolean {
    return this.slots.isKnown(client);
  }

  /** Tracks the existing connections of a server, and new ones from now on. */
  attach(
    server: WebSocketServer,
    monitored: MonitoredServer,
    preInitConnections: readonly PreInitConnection[],
  ): void {
    const onConnection = (client: WebSocket, request: IncomingMessage) =>
      this.start.run(() => this.accept(monitored, client, request));
    const unwatchCloses = watchCloses(server, (client, call) => this.find(client)?.onClose(call));
    server.prependListener('connection', onConnection);
    this.servers.add(server, monitored, () => {
      server.off('connection', onConnection);
      unwatchCloses();
    });
    for (const { client, request } of preInitConnections) this.accept(monitored, client, request);
  }

  /**
   * Undoes `attach()`. Open connections of the server are no longer tracked. A closing connection is tracked until it
   * has closed, so that its end is reported.
   */
  detach(server: WebSocketServer): void {
    const monitored = this.servers.remove(server);
    if (monitored === undefined) return;
    for (const connection of this.all()) {
      if (connection.server === monitored && isStaying(connection)) this.unwatch(connection);
    }
  }

  /** Detaches all servers. No connection is tracked any longer: closing connections are terminated. */
  detachAll(): void {
    for (const server of this.servers.keys()) this.detach(server);
    for (const connection of this.all()) {
      this.attempt('A connection could not be terminated', () => connection.terminate());
      this.disconnect(connection, ABNORMAL, '');
    }
  }

  /** Releases a connection that has ended without a `'close'` event. */
  releaseClosed(connection: WsConnection): void {
    const { client } = connection;
    // Without the event, the server still lists the client, and would wait for it when it is closed.
    if (client.readyState === client.CLOSED) this.servers.forgetClient(client, connection.server);
    this.disconnect(connection, ABNORMAL, '');
  }

  private accept(
    monitored: MonitoredServer,
    client: WebSocket,
    request: IncomingMessage | undefined,
  ): void {
    this.attempt('A connection could not be tracked', () => {
      if (this.find(client) === undefined) this.track(monitored, client, request);
    });
  }

  private track(
    monitored: MonitoredServer,
    client: WebSocket,
    request: IncomingMessage | undefined,
  ): void {
    const policy = monitored.connectionPolicy;
    const sequence = this.counters.connected + 1;
    const at = this.clock.wallTime();
    const connection = new WsConnection(client, request?.socket, policy, sequence, at);
    this.counters.onConnected(monitored);
    this.connections.add(connection);
    this.slots.setConnection(client, connection);
    this.detector.add(connection, this.clock.now());
    this.listeners.add(client);
    this.reports.onConnected(connection);
  }

  /** A connection closed. */
  private disconnect(connection: WsConnection, code: number, reason: string): void {
    if (!this.release(connection)) return;
    const liveness = snapshotOf(connection, this.detector, 'closed');
    this.slots.setLastState(connection.client, liveness);
    this.reports.onDisconnected(connection, liveness, code, reason);
  }

  /** An open connection is no longer monitored. */
  private unwatch(connection: WsConnection): void {
    if (this.release(connection)) this.reports.onUnwatched(connection);
  }

  /** Stops tracking a connection. Returns whether it was tracked. */
  private release(connection: WsConnection): boolean {
    if (!this.connections.delete(connection)) return false;
    this.counters.onReleased(connection.server, connection.state);
    this.slots.setConnection(connection.client, undefined);
    this.listeners.remove(connection.client);
    this.detector.remove(connection);
    return true;
  }

  private attempt(failure: string, operation: () => void): void {
    attempt(operation, (error) => logger.error(failure, stackOf(error)));
  }
}

/** Whether a connection is open, and neither side has begun to close it. */
function isStaying({ isOpen, state }: WsConnection): boolean {
  return isOpen && state !== 'evicted';
}

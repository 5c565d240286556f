import { Injectable, Logger } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Arrival } from '../gateway/early.clients.js';
import type { GuardedServer } from '../gateway/guarded.server.js';
import { WsConnection } from '../gateway/ws.connection.js';
import { LivenessMonitor } from '../monitor/liveness.monitor.js';
import { FloodControl } from './flood.control.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { HeartbeatMessages } from './heartbeat.messages.js';
import { snapshotOf } from './liveness.snapshot.js';
import { RoundTrips } from './round-trips.js';

/** Someone who is told of connections. */
export interface ConnectionObserver {
  /** A connection was made. */
  connected?(connection: WsConnection): void;
  /** A pong came that does not answer the last heartbeat ping. */
  unmatchedPong?(connection: WsConnection, data: Buffer): void;
  /** A connection is gone. */
  disconnected?(connection: WsConnection): void;
}

/** RFC 6455, section 7.4.1: no code was received, or the connection ended without a close frame. */
const NO_CODE = 1005;
const ABNORMAL = 1006;

/** Knows every connection, from its `'connection'` event to its `'close'`, and hears what it says. */
@Injectable()
export class ConnectionTracker {
  private readonly logger = new Logger('HeartbeatModule');
  private readonly connections = new Set<WsConnection>();
  /** Under which a client keeps its connection: with us for as long as it is one, and no entry of a map for each. */
  private readonly key = Symbol('heartbeat');
  private readonly servers = new Map<
    WebSocketServer,
    { guarded: GuardedServer; detach: () => void }
  >();
  private readonly observers = new Set<ConnectionObserver>();
  private readonly listeners = sharedListeners((client) => this.find(client), {
    message: (connection, data, isBinary) => this.message(connection, data, isBinary),
    pong: (connection, data) => this.pong(connection, data),
    ping: (connection) => this.ping(connection),
    close: (connection, code, reason) => this.release(connection, code, reason),
  });
  private connectedCount = 0;
  private disconnectedCount = 0;

  constructor(
    private readonly monitor: LivenessMonitor<WsConnection>,
    private readonly events: HeartbeatEvents,
    private readonly floods: FloodControl,
    private readonly messages: HeartbeatMessages,
    private readonly roundTrips: RoundTrips,
  ) {}

  get size(): number {
    return this.connections.size;
  }

  get totals(): { connected: number; disconnected: number; pings: number } {
    return {
      connected: this.connectedCount,
      disconnected: this.disconnectedCount,
      pings: this.roundTrips.pings,
    };
  }

  /** The servers whose connections are tracked. */
  get guarded(): GuardedServer[] {
    return [...this.servers.values()].map(({ guarded }) => guarded);
  }

  all(): IterableIterator<WsConnection> {
    return this.connections.values();
  }

  find(client: WebSocket): WsConnection | undefined {
    return (client as unknown as Tracked | undefined)?.[this.key];
  }

  /** Whether a client was ever tracked. */
  knows(client: WebSocket): boolean {
    return Object.hasOwn(client ?? {}, this.key);
  }

  observe(observer: ConnectionObserver): void {
    this.observers.add(observer);
  }

  isAttached(server: WebSocketServer): boolean {
    return this.servers.has(server);
  }

  isGuardedBy(server: WebSocketServer, guarded: GuardedServer): boolean {
    return this.servers.get(server)?.guarded === guarded;
  }

  /** Tracks the connections of a server from now on, and those that are there. */
  attach(server: WebSocketServer, guarded: GuardedServer, arrivals: readonly Arrival[]): void {
    const onConnection = (client: WebSocket, request: IncomingMessage) =>
      this.accept(guarded, client, request);
    server.prependListener('connection', onConnection);
    this.servers.set(server, { guarded, detach: () => server.off('connection', onConnection) });
    for (const { client, request } of arrivals) this.accept(guarded, client, request);
  }

  /** Undoes `attach()`: no connection of the server is tracked any longer. */
  detach(server: WebSocketServer): void {
    const attached = this.servers.get(server);
    if (attached === undefined) return;
    attached.detach();
    this.servers.delete(server);
    for (const connection of this.all()) {
      if (connection.server === attached.guarded)
        this.release(connection, NO_CODE, 'no longer watched');
    }
  }

  detachAll(): void {
    for (const server of this.servers.keys()) this.detach(server);
  }

  /** Forgets a connection that has come to its end, though its `'close'` was not heard. */
  releaseClosed(connection: WsConnection): void {
    this.release(connection, ABNORMAL, '');
  }

  private accept(
    guarded: GuardedServer,
    client: WebSocket,
    request: IncomingMessage | undefined,
  ): void {
    try {
      if (this.find(client) === undefined) this.track(guarded, client, request);
    } catch (error) {
      this.logger.error(
        'A connection could not be tracked',
        error instanceof Error ? error.stack : String(error),
      );
    }
  }

  private track(
    guarded: GuardedServer,
    client: WebSocket,
    request: IncomingMessage | undefined,
  ): void {
    const connection = new WsConnection(client, request?.socket, guarded, ++this.connectedCount);
    this.connections.add(connection);
    this.keep(client, connection);
    this.monitor.add(connection, performance.now());
    this.listen(connection);
    this.events.emit(() => ({
      type: 'connected',
      client,
      liveness: snapshotOf(connection, this.monitor),
    }));
    for (const observer of this.observers) observer.connected?.(connection);
  }

  private release(connection: WsConnection, code: number, reason: string): void {
    const { client, eviction } = connection;
    if (!this.connections.delete(connection)) return;
    this.keep(client, undefined);
    this.disconnectedCount++;
    this.unlisten(connection);
    this.monitor.remove(connection);
    for (const observer of this.observers) observer.disconnected?.(connection);
    this.events.emit(() => ({
      type: 'disconnected',
      client,
      liveness: snapshotOf(connection, this.monitor),
      code,
      reason,
      ...(eviction && { eviction }),
    }));
  }

  private message(connection: WsConnection, data: unknown, isBinary: boolean): void {
    if (!this.messages.receive(connection, data, isBinary)) this.monitor.active(connection);
  }

  private pong(connection: WsConnection, data: Buffer): void {
    if (connection.takeOwedPong()) this.monitor.answered(connection);
    else {
      this.monitor.heard(connection);
      this.floods.countPong(connection);
    }
    if (this.roundTrips.pong(connection, data)) return;
    for (const observer of this.observers) observer.unmatchedPong?.(connection, data);
  }

  private ping(connection: WsConnection): void {
    this.monitor.heard(connection);
    this.floods.countPing(connection);
  }

  /** Not to be seen where somebody prints a client, or copies it. */
  private keep(client: WebSocket, connection: WsConnection | undefined): void {
    Object.defineProperty(client, this.key, { value: connection, configurable: true });
  }

  private listen({ client }: WsConnection): void {
    client.on('message', this.listeners.message);
    client.on('pong', this.listeners.pong);
    client.on('ping', this.listeners.ping);
    client.on('close', this.listeners.close);
  }

  private unlisten({ client }: WsConnection): void {
    client.off('message', this.listeners.message);
    client.off('pong', this.listeners.pong);
    client.off('ping', this.listeners.ping);
    client.off('close', this.listeners.close);
  }
}

type Tracked = Record<symbol, WsConnection | undefined>;

interface SharedListeners {
  readonly message: (this: WebSocket, data: unknown, isBinary: boolean) => void;
  readonly pong: (this: WebSocket, data: Buffer) => void;
  readonly ping: (this: WebSocket) => void;
  readonly close: (this: WebSocket, code: number, reason: Buffer) => void;
}

/**
 * The listeners of all clients: the same functions for each, because a set of its own would cost a
 * connection more memory than all that is remembered of it. `ws` calls them with the client as `this`.
 */
function sharedListeners(
  find: (client: WebSocket) => WsConnection | undefined,
  heard: {
    message(connection: WsConnection, data: unknown, isBinary: boolean): void;
    pong(connection: WsConnection, data: Buffer): void;
    ping(connection: WsConnection): void;
    close(connection: WsConnection, code: number, reason: string): void;
  },
): SharedListeners {
  return {
    message(this: WebSocket, data: unknown, isBinary: boolean): void {
      const connection = find(this);
      if (connection !== undefined) heard.message(connection, data, isBinary);
    },
    pong(this: WebSocket, data: Buffer): void {
      const connection = find(this);
      if (connection !== undefined) heard.pong(connection, data);
    },
    ping(this: WebSocket): void {
      const connection = find(this);
      if (connection !== undefined) heard.ping(connection);
    },
    close(this: WebSocket, code: number, reason: Buffer): void {
      const connection = find(this);
      if (connection !== undefined) heard.close(connection, code, reason.toString());
    },
  };
}

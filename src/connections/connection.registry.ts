import { Injectable, Logger } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { WebSocket, WebSocketServer } from 'ws';
import type { PreInitConnection } from '../discovery/pre-init.connections.js';
import type { MonitoredServer } from '../transport/monitored.server.js';
import { WsConnection } from '../transport/ws.connection.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { FloodControl } from './flood.control.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { HeartbeatMessages } from './heartbeat.messages.js';
import { snapshotOf } from './liveness.snapshot.js';
import { RoundTrips } from './round-trips.js';
import { StartContext } from './start.context.js';

/** Someone who is told of connections. */
export interface ConnectionObserver {
  /** A connection was made. */
  connected?(connection: WsConnection): void;
  /** A pong came that does not answer the last heartbeat ping. */
  unmatchedPong?(connection: WsConnection, data: Buffer): void;
  /** A connection closed. */
  disconnected?(connection: WsConnection): void;
  /** A connection is no longer tracked: it closed, or its server is no longer watched. */
  released?(connection: WsConnection): void;
}

/** A server whose connections are tracked. */
export interface TrackedServer {
  /** Unlike that of any other. */
  readonly name: string;
  readonly monitored: MonitoredServer;
}

/** RFC 6455, section 7.1.5: the connection ended without a close frame. */
const ABNORMAL = 1006;

/** Knows every connection, from its `'connection'` event to its `'close'`, and hears what it says. */
@Injectable()
export class ConnectionRegistry {
  private readonly logger = new Logger('HeartbeatModule');
  private readonly connections = new Set<WsConnection>();
  /** Under which a client keeps its connection: with us for as long as it is one, and no entry of a map for each. */
  private readonly key = Symbol('heartbeat');
  /** Under which a client whose connection closed keeps its last state. */
  private readonly lastKey = Symbol('heartbeat: last state');
  private readonly attached = new Map<WebSocketServer, TrackedServer & { detach: () => void }>();
  private readonly observers = new Set<ConnectionObserver>();
  private readonly listeners = sharedListeners((client) => this.find(client), {
    message: (connection, data, isBinary) => this.message(connection, data, isBinary),
    pong: (connection, data) => this.pong(connection, data),
    ping: (connection) => this.ping(connection),
    close: (connection, code, reason) =>
      this.start.run(() => this.disconnect(connection, code, reason)),
  });
  private connectedCount = 0;
  private disconnectedCount = 0;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly events: HeartbeatEvents,
    private readonly floods: FloodControl,
    private readonly messages: HeartbeatMessages,
    private readonly roundTrips: RoundTrips,
    private readonly start: StartContext,
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
  get servers(): TrackedServer[] {
    return [...this.attached.values()];
  }

  all(): IterableIterator<WsConnection> {
    return this.connections.values();
  }

  find(client: WebSocket): WsConnection | undefined {
    return (client as unknown as Tracked | undefined)?.[this.key];
  }

  /** The last state of a client whose connection closed. */
  lastStateOf(client: WebSocket): Liveness | undefined {
    return (client as unknown as Closed | undefined)?.[this.lastKey];
  }

  /** Whether a client was ever tracked. */
  knows(client: WebSocket): boolean {
    return Object.hasOwn(client ?? {}, this.key);
  }

  observe(observer: ConnectionObserver): void {
    this.observers.add(observer);
  }

  isAttached(server: WebSocketServer): boolean {
    return this.attached.has(server);
  }

  isMonitoredBy(server: WebSocketServer, monitored: MonitoredServer): boolean {
    return this.attached.get(server)?.monitored === monitored;
  }

  /** A name that no tracked server has: the one that is wanted, or that with a number at its end. */
  freeName(wanted: string): string {
    const taken = new Set(this.servers.map(({ name }) => name));
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`;
    return name;
  }

  /** Tracks the connections of a server from now on, and those that are there. */
  attach(
    server: WebSocketServer,
    monitored: MonitoredServer,
    preInitConnections: readonly PreInitConnection[],
  ): void {
    const onConnection = (client: WebSocket, request: IncomingMessage) =>
      this.start.run(() => this.accept(monitored, client, request));
    server.prependListener('connection', onConnection);
    this.attached.set(server, {
      name: this.freeName(monitored.names.toSorted().join('+')),
      monitored,
      detach: () => server.off('connection', onConnection),
    });
    for (const { client, request } of preInitConnections) this.accept(monitored, client, request);
  }

  /**
   * Undoes `attach()`: no open connection of the server is tracked any longer. One that is closing is tracked until
   * it has closed, so that its end is reported.
   */
  detach(server: WebSocketServer): void {
    const attached = this.attached.get(server);
    if (attached === undefined) return;
    attached.detach();
    this.attached.delete(server);
    for (const connection of this.all()) {
      if (connection.server === attached.monitored && isStaying(connection))
        this.unwatch(connection);
    }
  }

  /** Detaches all servers. No connection is tracked any longer: those that are closing are terminated. */
  detachAll(): void {
    for (const server of this.attached.keys()) this.detach(server);
    for (const connection of this.all()) {
      this.attempt('A connection could not be terminated', () => connection.terminate());
      this.disconnect(connection, ABNORMAL, '');
    }
  }

  /** Forgets a connection that has come to its end, though its `'close'` was not heard. */
  releaseClosed(connection: WsConnection): void {
    const { client } = connection;
    // The server may not have heard of it either, and would wait for this client when it is closed.
    if (client.readyState === client.CLOSED) {
      for (const [server, { monitored }] of this.attached) {
        if (monitored === connection.server) server.clients?.delete(client);
      }
    }
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
    const connection = new WsConnection(client, request?.socket, monitored, ++this.connectedCount);
    this.connections.add(connection);
    this.keep(client, connection);
    this.detector.add(connection, performance.now());
    this.listen(connection);
    this.events.emit(() => ({
      type: 'connected',
      client,
      liveness: snapshotOf(connection, this.detector),
    }));
    for (const observer of this.observers) observer.connected?.(connection);
  }

  /** A connection closed. */
  private disconnect(connection: WsConnection, code: number, reason: string): void {
    if (!this.release(connection)) return;
    const { client, eviction } = connection;
    const liveness = snapshotOf(connection, this.detector, 'closed');
    Object.defineProperty(client, this.lastKey, { value: liveness, configurable: true });
    this.disconnectedCount++;
    for (const observer of this.observers) observer.disconnected?.(connection);
    for (const observer of this.observers) observer.released?.(connection);
    this.events.emit(() => ({
      type: 'disconnected',
      client,
      liveness,
      code,
      reason,
      ...(eviction && { eviction }),
    }));
  }

  /** An open connection is no longer monitored. */
  private unwatch(connection: WsConnection): void {
    if (!this.release(connection)) return;
    const { client } = connection;
    for (const observer of this.observers) observer.released?.(connection);
    this.events.emit(() => ({
      type: 'unwatched',
      client,
      liveness: snapshotOf(connection, this.detector),
    }));
  }

  /** Forgets a connection. Returns whether it was tracked. */
  private release(connection: WsConnection): boolean {
    if (!this.connections.delete(connection)) return false;
    this.keep(connection.client, undefined);
    this.unlisten(connection);
    this.detector.remove(connection);
    return true;
  }

  private message(connection: WsConnection, data: unknown, isBinary: boolean): void {
    if (!this.messages.receive(connection, data, isBinary))
      this.detector.onApplicationMessage(connection);
  }

  private pong(connection: WsConnection, data: Buffer): void {
    if (connection.takeOwedPong()) this.detector.onPong(connection);
    else {
      this.detector.onFrame(connection);
      this.floods.countPong(connection);
    }
    if (this.roundTrips.pong(connection, data)) return;
    for (const observer of this.observers) observer.unmatchedPong?.(connection, data);
  }

  private ping(connection: WsConnection): void {
    this.detector.onFrame(connection);
    this.floods.countPing(connection);
  }

  /** One connection that fails must not disturb the others. */
  private attempt(failure: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.logger.error(failure, error instanceof Error ? error.stack : String(error));
    }
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
type Closed = Record<symbol, Liveness | undefined>;

/** Whether a connection stays open when it is no longer tracked: nothing has begun to close it. */
function isStaying({ isOpen, state }: WsConnection): boolean {
  return isOpen && state !== 'evicted';
}

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

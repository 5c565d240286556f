import { Injectable, type Type } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { ConnectionHistory } from '../connections/connection.history.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { snapshotOf, stateOf } from '../connections/liveness.snapshot.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { EvictionCause, Liveness, LivenessState } from '../heartbeat.interfaces.js';
import { optionsErrors } from '../heartbeat.options.messages.js';
import { show } from '../heartbeat.text.js';
import { HeartbeatShutdown } from '../lifecycle/heartbeat.shutdown.js';
import { HeartbeatStartup } from '../lifecycle/heartbeat.startup.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { ScannedClient } from './scanned.client.js';

/** Selects clients: those of one gateway, in one state, or both. */
export interface ClientFilter {
  gateway?: Type | string;
  state?: LivenessState;
}

/** Selects closed connections. */
export interface ClosedFilter {
  gateway?: Type | string;
  cause?: EvictionCause;
  by?: ClosedBy;
  limit?: number;
}

/** The methods of `LivenessService` that read the state of clients. */
@Injectable()
export class ClientQueries {
  constructor(
    private readonly connections: ConnectionRegistry,
    private readonly detector: FailureDetector<WsConnection>,
    private readonly closed: ConnectionHistory,
    private readonly startup: HeartbeatStartup,
    private readonly shutdown: HeartbeatShutdown,
  ) {}

  get size(): number {
    return this.connections.size;
  }

  get(client: WebSocket): Liveness | undefined {
    const connection = this.connections.find(client);
    return connection === undefined
      ? this.connections.lastStateOf(client)
      : snapshotOf(connection, this.detector);
  }

  isAlive(client: WebSocket): boolean {
    const connection = this.connections.find(client);
    return connection !== undefined && connection.isOpen && connection.state !== 'evicted';
  }

  clients(filter: ClientFilter): IterableIterator<Liveness> {
    if (filter.gateway !== undefined) this.refuseUnknownGateway(filter.gateway);
    return this.select(filter);
  }

  /** All tracked clients, for a search. */
  *scan(): IterableIterator<ScannedClient> {
    for (const connection of this.connections.all())
      yield new ScannedClient(connection, this.detector);
  }

  history({ gateway, limit = Infinity, ...filter }: ClosedFilter): ClosedConnection[] {
    if (!(limit >= 0)) {
      const fix = 'Set a number from 0, or leave it out for all.';
      throw new HeartbeatOptionsError(optionsErrors.invalid('history()', 'limit', limit, fix));
    }
    const name = typeof gateway === 'function' ? gateway.name : gateway;
    const { knownNames } = this.connections.servers;
    if (name !== undefined && this.startup.isStarted && !knownNames.has(name))
      throw new HeartbeatOptionsError(optionsErrors.noSuchGateway(show(name), [...knownNames]));
    return this.closed.select({ ...filter, gateway: name, limit });
  }

  private *select({ gateway, state }: ClientFilter): IterableIterator<Liveness> {
    for (const connection of this.connections.all()) {
      if (state !== undefined && stateOf(connection) !== state) continue;
      if (gateway !== undefined && !connection.server.serves(gateway)) continue;
      yield snapshotOf(connection, this.detector);
    }
  }

  /** Before the start and after shutdown no gateway is known. */
  private refuseUnknownGateway(gateway: Type | string): void {
    if (!this.startup.isStarted || this.shutdown.isShutDown) return;
    const servers = this.connections.servers.all.map(({ monitored }) => monitored);
    if (servers.some((server) => server.serves(gateway))) return;
    const name = typeof gateway === 'function' ? gateway.name : show(gateway);
    const known = servers.flatMap(({ names }) => names);
    throw new HeartbeatOptionsError(optionsErrors.noSuchGateway(name, known));
  }
}

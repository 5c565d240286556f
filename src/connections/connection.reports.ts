import { Inject, Injectable } from '@nestjs/common';
import { FailureDetector } from '../detector/failure-detector.js';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { closedConnection } from './closed.connection.js';
import { ConnectionCounters } from './connection.counters.js';
import { ConnectionHistory } from './connection.history.js';
import { ConnectionObservers } from './connection.observers.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { snapshotOf } from './liveness.snapshot.js';

/** Reports where connections begin and end: to the counters, the history, the observers and the application. */
@Injectable()
export class ConnectionReports {
  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly counters: ConnectionCounters,
    private readonly history: ConnectionHistory,
    private readonly observers: ConnectionObservers,
    private readonly events: HeartbeatEvents,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** A connection is tracked from now on. */
  onConnected(connection: WsConnection): void {
    const { client } = connection;
    this.events.emit(() => ({
      type: 'connected',
      client,
      liveness: snapshotOf(connection, this.detector),
    }));
    this.observers.onConnected(connection);
  }

  /** A tracked connection closed. `liveness`: its last state. */
  onDisconnected(connection: WsConnection, liveness: Liveness, code: number, reason: string): void {
    const { client, eviction } = connection;
    const { delay } = this.detector.clock;
    const closedAt = this.clock.wallTime();
    const closed = closedConnection(connection, liveness, delay, code, reason, closedAt);
    this.counters.onClosed(closed.by);
    this.history.add(closed);
    this.observers.onClosed(closed);
    this.observers.onDisconnected(connection);
    this.observers.onReleased(connection);
    this.events.emit(() => ({
      type: 'disconnected',
      client,
      liveness,
      code,
      reason,
      ...(eviction && { eviction }),
    }));
  }

  /** An open connection is no longer tracked. */
  onUnwatched(connection: WsConnection): void {
    const { client } = connection;
    this.observers.onReleased(connection);
    this.events.emit(() => ({
      type: 'unwatched',
      client,
      liveness: snapshotOf(connection, this.detector),
    }));
  }
}

import { Injectable } from '@nestjs/common';
import type { WsConnection } from '../transport/ws.connection.js';
import { Decision } from '../detector/decision.js';
import { ConnectionEvictor } from './connection.evictor.js';
import { StartContext } from './start.context.js';

/** Closes connections whose client sends more pings, pongs or heartbeat messages than the limits allow. */
@Injectable()
export class FloodControl {
  constructor(
    private readonly evictor: ConnectionEvictor,
    private readonly start: StartContext,
  ) {}

  countPing(connection: WsConnection): void {
    if (!connection.may('pings', performance.now())) this.punish(connection);
  }

  /** Counts a pong that answers no ping of ours, but perhaps one of the application. */
  countPong(connection: WsConnection): void {
    if (!connection.may('pongs', performance.now())) this.punish(connection);
  }

  /** Counts a heartbeat message. Returns whether it may be answered. */
  countMessage(connection: WsConnection): boolean {
    if (connection.may('messages', performance.now())) return true;
    this.punish(connection);
    return connection.policy.dryRun;
  }

  /** Whoever goes on after the close frame is heard as little as can be, until it obeys or its time is up. */
  private punish(connection: WsConnection): void {
    // The frames may be read in any context: in that of a request that called `resume()`, for example.
    this.start.run(() => this.end(connection));
  }

  private end(connection: WsConnection): void {
    if (!connection.isOpen) return connection.throttleReads();
    if (connection.reported & Decision.Flooding) return;
    connection.reported |= Decision.Flooding;
    this.evictor.evictOrReport(connection, 'flooding');
  }
}

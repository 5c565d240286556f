import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { ConnectionEvictor } from './connection.evictor.js';
import { StartContext } from './start.context.js';

/** Closes connections whose client sends more pings, pongs or heartbeat messages than the limits allow. */
@Injectable()
export class FloodControl {
  constructor(
    private readonly evictor: ConnectionEvictor,
    private readonly start: StartContext,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  countPing(connection: WsConnection): void {
    if (!connection.isWithinLimit('pings', this.clock.now())) this.onFlood(connection);
  }

  /** Counts a pong that answers no ping of the module. It may answer a ping of the application. */
  countPong(connection: WsConnection): void {
    if (!connection.isWithinLimit('pongs', this.clock.now())) this.onFlood(connection);
  }

  /** Counts a heartbeat message. Returns whether it may be answered. */
  countMessage(connection: WsConnection): boolean {
    if (connection.isWithinLimit('messages', this.clock.now())) return true;
    this.onFlood(connection);
    return connection.policy.dryRun;
  }

  private onFlood(connection: WsConnection): void {
    // Frames may be read in any context, such as that of a request that called `resume()`.
    this.start.run(() => this.close(connection));
  }

  /** Closes the connection. Reads less from a client that keeps flooding after the close frame. */
  private close(connection: WsConnection): void {
    if (!connection.isOpen) connection.throttleReads(this.clock);
    else if (connection.report('flooding')) this.evictor.evictOrReport(connection, 'flooding');
  }
}

import { Injectable } from '@nestjs/common';
import { FailureDetector } from '../detector/failure-detector.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { ConnectionObservers } from './connection.observers.js';
import { FloodControl } from './flood.control.js';
import { HeartbeatMessages } from './heartbeat.messages.js';
import { RoundTrips } from './round-trips.js';

/** Receives the messages, pings and pongs of all connections. */
@Injectable()
export class ConnectionReceiver {
  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly floods: FloodControl,
    private readonly messages: HeartbeatMessages,
    private readonly roundTrips: RoundTrips,
    private readonly observers: ConnectionObservers,
  ) {}

  onMessage(connection: WsConnection, data: unknown, isBinary: boolean): void {
    if (!this.messages.receive(connection, data, isBinary))
      this.detector.onApplicationMessage(connection);
  }

  onPong(connection: WsConnection, data: Buffer): void {
    if (connection.takeExpectedPong()) this.detector.onPong(connection);
    else {
      this.detector.onFrame(connection);
      this.floods.countPong(connection);
    }
    if (!this.roundTrips.onPong(connection, data)) this.observers.onUnmatchedPong(connection, data);
  }

  onPing(connection: WsConnection): void {
    this.detector.onFrame(connection);
    this.floods.countPing(connection);
  }
}

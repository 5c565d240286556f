import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { PendingMessagePing, PendingPing, type Moment } from '../transport/pending.pings.js';
import { PingPayloads } from '../transport/ping.payloads.js';
import { ConnectionObservers } from './connection.observers.js';
import { RoundTripBuckets } from './round-trip.buckets.js';
import type { WsConnection } from '../transport/ws.connection.js';

/** Sends pings, by frame and by message, and measures the round trips that the answers prove. */
@Injectable()
export class RoundTrips {
  readonly buckets = new RoundTripBuckets();
  private readonly payloads = new PingPayloads();
  private sentPings = 0;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly observers: ConnectionObservers,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** Ping frames sent so far. */
  get pings(): number {
    return this.sentPings;
  }

  /**
   * Sends a heartbeat ping. While one is unanswered, its payload is sent again. The round trip is that of the first ping,
   * because TCP loses none.
   */
  sendPing(connection: WsConnection): void {
    if (!connection.sendHeartbeatPing(() => this.newPing())) return;
    this.sentPings++;
    this.detector.onPingSent(connection);
  }

  /** Sends a heartbeat ping by message. While one is unanswered, it is sent again with the same ID. */
  sendMessagePing(connection: WsConnection): void {
    const create = () => new PendingMessagePing(randomUUID(), this.moment());
    if (connection.sendMessagePing(create, this.clock.wallTime()))
      this.detector.onMessagePingSent(connection);
  }

  /** Sends a ping in addition to the heartbeat pings, with its own payload. */
  sendProbe(connection: WsConnection): PendingPing {
    const ping = this.newPing();
    if (connection.sendPing(ping)) this.sentPings++;
    return ping;
  }

  /** A pong was received. Returns whether it answers the pending heartbeat ping. */
  onPong(connection: WsConnection, data: Buffer): boolean {
    const ping = connection.takeAnsweredPing(data);
    if (ping === undefined) return false;
    this.prove(connection, ping);
    return true;
  }

  /** The answer to a ping by message was received. */
  onMessagePong(connection: WsConnection, id: string): void {
    const ping = connection.takeAnsweredMessagePing(id);
    if (ping !== undefined) this.prove(connection, ping);
  }

  /** Records a round trip that ends now. Returns its duration in ms; NaN if this process stalled meanwhile. */
  prove(connection: WsConnection, ping: PendingPing | PendingMessagePing): number {
    const now = this.moment();
    const duration = ping.roundTrip(now);
    const rounded = connection.onRoundTrip(duration, now.real);
    if (!Number.isNaN(rounded)) {
      this.buckets.add(rounded);
      this.observers.onRoundTrip(rounded);
    }
    return rounded;
  }

  private newPing(): PendingPing {
    return new PendingPing(this.payloads.draw(), this.moment());
  }

  private moment(): Moment {
    const real = this.clock.now();
    const { clock } = this.detector;
    return { real, stalls: clock.stalls, isStalled: clock.isStalledAt(real) };
  }
}

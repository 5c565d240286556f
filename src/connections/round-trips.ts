import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  PingPayloads,
  PendingMessagePing,
  type PendingPing,
  type Moment,
} from '../transport/ping.payloads.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { FailureDetector } from '../detector/failure-detector.js';

/** Pings, by frame and by message, and measures the round trips that the answers prove. */
@Injectable()
export class RoundTrips {
  /** Ping frames sent so far. */
  pings = 0;

  private readonly challenger = new PingPayloads();

  constructor(private readonly detector: FailureDetector<WsConnection>) {}

  /**
   * Sends a heartbeat ping. While one is unanswered its payload is sent again: the round trip is then
   * that of the first, which a TCP connection does not lose.
   */
  ping(connection: WsConnection): void {
    connection.challenge ??= this.challenger.shared(this.moment());
    if (this.send(connection, connection.challenge)) this.detector.onPingSent(connection);
  }

  /** Pings by message. While one is unanswered, the same is asked again. */
  ask(connection: WsConnection): void {
    connection.question ??= new PendingMessagePing(randomUUID(), this.moment());
    const rtt = connection.roundTrip?.smoothed;
    const isSent = connection.sendFrame({
      op: 'ping',
      id: connection.question.id,
      now: Date.now(),
      ...(rtt !== undefined && { rtt: Math.round(rtt * 10) / 10 }),
    });
    if (!isSent) return;
    connection.askedByMessage();
    this.detector.onMessagePingSent(connection);
  }

  /** Sends a ping of its own kind, for whoever pings besides the heartbeat. */
  challenge(connection: WsConnection): PendingPing {
    const challenge = this.challenger.challenge(this.moment());
    this.send(connection, challenge);
    return challenge;
  }

  /** Takes a pong frame. Returns whether it answers the heartbeat ping that is under way. */
  pong(connection: WsConnection, data: Buffer): boolean {
    const { challenge } = connection;
    if (!challenge?.isAnsweredBy(data)) return false;
    connection.challenge = undefined;
    this.prove(connection, challenge);
    return true;
  }

  /** Takes the answer to a ping by message. */
  answer(connection: WsConnection, id: string): void {
    const { question } = connection;
    if (question?.id !== id) return;
    connection.question = undefined;
    this.prove(connection, question);
  }

  /** A round trip ends now. Returns its duration in ms; NaN where a stall of ours makes it unknown. */
  prove(connection: WsConnection, asked: PendingPing | PendingMessagePing): number {
    const now = this.moment();
    const duration = asked.roundTrip(now);
    connection.provenAt = Math.floor(now.real);
    return Number.isNaN(duration) ? NaN : connection.sampleRoundTrip(duration);
  }

  private send(connection: WsConnection, challenge: PendingPing): boolean {
    const isSent = connection.ping(challenge);
    if (isSent) this.pings++;
    return isSent;
  }

  private moment(): Moment {
    const real = performance.now();
    const { clock } = this.detector;
    return { real, stalls: clock.stalls, isStalled: clock.isStalledAt(real) };
  }
}

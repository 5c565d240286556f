import { Injectable } from '@nestjs/common';
import type { WsConnection } from '../gateway/ws.connection.js';
import { LivenessMonitor } from '../monitor/liveness.monitor.js';
import { LivenessPolicy } from '../monitor/liveness.policy.js';
import { MIN_WISH, VERSION, type ClientFrame, type ClientHello } from '../protocol/frames.js';
import { FloodControl } from './flood.control.js';
import { RoundTrips } from './round-trips.js';

/** A wish of a client below so many ticks is not granted. */
const MIN_TICKS = 4;

/** Answers heartbeat messages, at the socket: no guard, pipe, interceptor or handler sees to them. */
@Injectable()
export class HeartbeatMessages {
  /** Told of everybody who says hello, once that is answered. */
  greeted: ((connection: WsConnection) => void) | undefined;

  constructor(
    private readonly monitor: LivenessMonitor<WsConnection>,
    private readonly floods: FloodControl,
    private readonly roundTrips: RoundTrips,
  ) {}

  /** Takes a message, if it is a heartbeat. Returns whether it was. */
  receive(connection: WsConnection, data: unknown, isBinary: boolean): boolean {
    const { codec, clientHeartbeats } = connection.server;
    if (!isBinary && data instanceof Uint8Array && codec?.recognises(data)) {
      const frame = this.isAllowed(connection) ? codec.read(data) : undefined;
      if (frame !== undefined) this.answer(connection, frame);
      return true;
    }
    const reply = clientHeartbeats?.replyTo(data, isBinary);
    if (reply === undefined) return false;
    if (this.isAllowed(connection)) {
      this.monitor.spoke(connection);
      if (reply !== true) connection.say(reply);
    }
    return true;
  }

  /** Whether to answer: not who is being closed, and not who sends more of them than is allowed. */
  private isAllowed(connection: WsConnection): boolean {
    return this.floods.countMessage(connection) && connection.state !== 'evicted';
  }

  private answer(connection: WsConnection, frame: ClientFrame): void {
    this.monitor.spoke(connection);
    const now = Date.now();
    switch (frame.op) {
      case 'beat':
        connection.tell({ op: 'ack', now });
        return;
      case 'ping':
        connection.tell({ ...frame, op: 'pong', now });
        return;
      case 'hello':
        this.welcome(connection, frame);
        return;
      case 'pong':
        this.roundTrips.answer(connection, frame.id);
    }
  }

  /** The client opts in. What it wishes for may only shorten what holds, and must make sense. */
  private welcome(connection: WsConnection, wishes: ClientHello): void {
    connection.answersMessages = true;
    const { options } = connection;
    const ticks = MIN_TICKS * this.monitor.tick;
    const least = Math.max(MIN_WISH, ticks);
    const interval = shorten(options.interval, wishes.interval, least);
    const timeout = shorten(options.timeout, wishes.timeout, least);
    const isShorter = interval < options.interval || timeout < options.timeout;
    if (interval < timeout && isShorter) {
      connection.options = Object.freeze({
        ...options,
        interval,
        // Whoever is asked needs time to answer.
        timeout: Math.min(options.timeout, Math.max(timeout, interval + ticks)),
      });
      this.monitor.update(connection, new LivenessPolicy(connection.options));
    }
    connection.tell({
      op: 'hello',
      v: VERSION,
      id: connection.id,
      interval: connection.options.interval,
      timeout: connection.options.timeout,
      now: Date.now(),
    });
    this.greeted?.(connection);
  }
}

function shorten(value: number, wish: number | undefined, least: number): number {
  if (wish === undefined || !Number.isFinite(wish) || wish <= 0) return value;
  return Math.min(value, Math.max(wish, least));
}

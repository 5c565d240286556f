import { Injectable } from '@nestjs/common';
import type { WsConnection } from '../transport/ws.connection.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { DetectorPolicy } from '../detector/detector.policy.js';
import { VERSION, type ClientFrame, type ClientHello } from '../protocol/frames.js';
import { FloodControl } from './flood.control.js';
import { negotiate } from './negotiation.js';
import { RoundTrips } from './round-trips.js';

/** Answers heartbeat messages, at the socket: no guard, pipe, interceptor or handler sees to them. */
@Injectable()
export class HeartbeatMessages {
  /** Told of everybody who says hello, once that is answered. */
  greeted: ((connection: WsConnection) => void) | undefined;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly floods: FloodControl,
    private readonly roundTrips: RoundTrips,
  ) {}

  /** Takes a message, if it is a heartbeat. Returns whether it was. */
  receive(connection: WsConnection, data: unknown, isBinary: boolean): boolean {
    const { codec, clientHeartbeats } = connection.server;
    if (!isBinary && data instanceof Uint8Array && codec?.recognises(data)) {
      const frame = codec.read(data);
      // An upload holds up the answers to many pings, which then come at once.
      const isAnswer = frame?.op === 'pong' && connection.takeOwedAnswer();
      if (!isAnswer && !this.isAllowed(connection)) return true;
      if (frame !== undefined && connection.state !== 'evicted') this.answer(connection, frame);
      return true;
    }
    const reply = clientHeartbeats?.replyTo(data, isBinary);
    if (reply === undefined) return false;
    if (this.isAllowed(connection)) {
      this.detector.onHeartbeatMessage(connection);
      if (reply !== true) connection.sendReply(reply);
    }
    return true;
  }

  /** Whether to answer: not who is being closed, and not who sends more of them than is allowed. */
  private isAllowed(connection: WsConnection): boolean {
    return this.floods.countMessage(connection) && connection.state !== 'evicted';
  }

  private answer(connection: WsConnection, frame: ClientFrame): void {
    this.detector.onHeartbeatMessage(connection);
    const now = Date.now();
    switch (frame.op) {
      case 'beat':
        connection.sendFrame({ op: 'ack', now });
        return;
      case 'ping':
        connection.sendFrame({ ...frame, op: 'pong', now });
        return;
      case 'hello':
        this.welcome(connection, frame);
        return;
      case 'pong':
        this.roundTrips.answer(connection, frame.id);
    }
  }

  /** The client opts in, and may request shorter times. */
  private welcome(connection: WsConnection, hello: ClientHello): void {
    connection.answersMessages = true;
    const { options } = connection;
    const { interval, timeout } = negotiate(options, hello, this.detector.tick);
    if (interval !== options.interval || timeout !== options.timeout) {
      connection.options = Object.freeze({ ...options, interval, timeout });
      this.detector.update(connection, new DetectorPolicy(connection.options));
    }
    connection.sendFrame({
      op: 'hello',
      v: VERSION,
      id: connection.id,
      interval,
      timeout,
      now: Date.now(),
    });
    this.greeted?.(connection);
  }
}

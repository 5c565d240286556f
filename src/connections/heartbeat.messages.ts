import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { ConnectionPolicy } from '../transport/monitored.server.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { VERSION, type ClientFrame, type ClientHello } from '../protocol/frames.js';
import { ConnectionObservers } from './connection.observers.js';
import { FloodControl } from './flood.control.js';
import { negotiate } from './negotiation.js';
import { RoundTrips } from './round-trips.js';

/** Answers heartbeat messages. They are handled before guards, pipes, interceptors and handlers. */
@Injectable()
export class HeartbeatMessages {
  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly floods: FloodControl,
    private readonly roundTrips: RoundTrips,
    private readonly observers: ConnectionObservers,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** Handles a message, if it is a heartbeat. Returns whether it is. */
  receive(connection: WsConnection, data: unknown, isBinary: boolean): boolean {
    const { codec, clientHeartbeats } = connection.server;
    if (!isBinary && data instanceof Uint8Array && codec?.recognises(data)) {
      const frame = codec.read(data);
      // An upload delays the answers to many pings, which then arrive together.
      const isExpected = frame?.op === 'pong' && connection.takeExpectedMessagePong();
      if (!isExpected && !this.isAllowed(connection)) return true;
      if (frame !== undefined && !isEvicted(connection)) this.answer(connection, frame);
      return true;
    }
    const reply = clientHeartbeats?.replyTo(data, isBinary, this.clock.now());
    if (reply === undefined) return false;
    if (this.isAllowed(connection)) {
      this.detector.onHeartbeatMessage(connection);
      if (reply !== true) connection.sendText(reply);
    }
    return true;
  }

  /** Counts the message. Returns whether it may be answered: it is within the limit, and the client is not evicted. */
  private isAllowed(connection: WsConnection): boolean {
    return this.floods.countMessage(connection) && !isEvicted(connection);
  }

  private answer(connection: WsConnection, frame: ClientFrame): void {
    this.detector.onHeartbeatMessage(connection);
    const now = this.clock.wallTime();
    switch (frame.op) {
      case 'beat':
        connection.sendFrame({ op: 'ack', now });
        return;
      case 'ping':
        connection.sendFrame({ ...frame, op: 'pong', now });
        return;
      case 'hello':
        this.answerHello(connection, frame);
        return;
      case 'pong':
        this.roundTrips.onMessagePong(connection, frame.id);
    }
  }

  /** The client understands heartbeat messages, and may request shorter times. */
  private answerHello(connection: WsConnection, hello: ClientHello): void {
    connection.enableMessagePings();
    const { server, policy, options } = connection;
    const { interval, timeout } = negotiate(options, hello, this.detector.tick);
    if (interval !== options.interval || timeout !== options.timeout) {
      const negotiated = Object.freeze({ ...options, interval, timeout });
      const own = new ConnectionPolicy(server, policy.configured, negotiated);
      this.detector.update(connection, own);
    }
    connection.sendFrame({
      op: 'hello',
      v: VERSION,
      id: connection.id,
      interval,
      timeout,
      now: this.clock.wallTime(),
    });
    this.observers.onHello(connection);
  }
}

function isEvicted({ state }: WsConnection): boolean {
  return state === 'evicted';
}

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { ConnectionCounters } from '../connections/connection.counters.js';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { RoundTrips } from '../connections/round-trips.js';
import { snapshotOf } from '../connections/liveness.snapshot.js';
import { logger } from '../heartbeat.logger.js';
import { stackOf } from '../heartbeat.text.js';
import type { WsConnection } from '../transport/ws.connection.js';
import type { CheckResult } from '../detector/connection.check.js';
import type { DetectedEviction } from '../detector/eviction-rules.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { TimeSlice } from './time.slice.js';

/** The longest time between the announcement of the end of a lifetime and the close. Milliseconds. */
const NOTICE = 10_000;
/** Checks between two readings of the time. */
const BATCH = 16;

/** Checks the connections that are due, and does what the detector decides. */
@Injectable()
export class ConnectionChecker {
  suppressed = 0;

  private turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly roundTrips: RoundTrips,
    private readonly evictor: ConnectionEvictor,
    private readonly connections: ConnectionRegistry,
    private readonly counters: ConnectionCounters,
    private readonly events: HeartbeatEvents,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /**
   * Schedules the checks for the check phase of this turn of the event loop. It follows the poll phase, in which
   * everything is read that the kernel held when the tick fired.
   */
  schedule(): void {
    this.turn ??= setImmediate(() => this.run());
  }

  stop(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
  }

  private run(): void {
    this.turn = undefined;
    const start = this.clock.now();
    const slice = new TimeSlice(this.clock, start);
    let checks = 0;
    this.detector.continueTick(start);
    for (
      let connection = this.detector.nextDue();
      connection;
      connection = this.detector.nextDue()
    ) {
      this.check(connection);
      if (++checks % BATCH !== 0) continue;
      const now = this.clock.now();
      if (slice.isOver(now)) return this.schedule();
      this.detector.continueTick(now);
    }
    this.evictor.log.flush(this.clock.now());
  }

  private check(connection: WsConnection): void {
    try {
      const result = this.detector.check(connection);
      if (result !== undefined) this.act(connection, result);
    } catch (error) {
      logger.error('Liveness check failed', stackOf(error));
    }
  }

  private act(connection: WsConnection, result: CheckResult): void {
    const { transition, eviction } = result;
    if (result.isPingSuppressed) this.suppressed++;
    if (transition !== undefined) this.count(connection, transition);
    if (transition === 'recovered') this.notify(connection, 'recovered', 'handleRecover');
    if (transition === 'suspect') this.notify(connection, 'suspect', 'handleSuspect');
    if (eviction !== undefined && !this.announceEnd(connection, eviction))
      this.evictor.evictOrReport(connection, eviction);
    // A hook may have blocked: the time to answer starts now.
    if (result.messagePing || result.ping) this.detector.continueTick(this.clock.now());
    if (result.messagePing && connection.isOpen) this.roundTrips.sendMessagePing(connection);
    if (result.ping && connection.isOpen) this.roundTrips.sendPing(connection);
    if (result.terminate) connection.terminate();
    if (result.release) this.connections.releaseClosed(connection);
  }

  private count({ server }: WsConnection, transition: 'suspect' | 'recovered'): void {
    if (transition === 'suspect') this.counters.onState(server, 'alive', 'suspect');
    else this.counters.onState(server, 'suspect', 'alive');
  }

  /** Announces the end of its lifetime to a client that sent a hello, once. Returns whether it was announced now. */
  private announceEnd(connection: WsConnection, eviction: DetectedEviction): boolean {
    const { answersMessages, policy, lifetimeExtension } = connection;
    if (eviction !== 'expired' || !answersMessages || policy.dryRun || lifetimeExtension > 0) {
      return false;
    }
    connection.sendFrame({ op: 'drain', after: 0, within: NOTICE, reason: 'lifetime' });
    // A check is up to a tick late, and the close must not come later than announced.
    this.detector.extendLifetime(connection, Math.random() * (NOTICE - 2 * this.detector.tick));
    return true;
  }

  private notify(
    connection: WsConnection,
    type: 'suspect' | 'recovered',
    hook: 'handleSuspect' | 'handleRecover',
  ): void {
    const { client } = connection;
    this.events.emit(() => ({ type, client, liveness: snapshotOf(connection, this.detector) }));
    this.events.call(connection, hook, () => snapshotOf(connection, this.detector));
  }
}

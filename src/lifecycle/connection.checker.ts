import { Injectable } from '@nestjs/common';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { ConnectionEvictor, type EvictionReason } from '../connections/connection.evictor.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { RoundTrips } from '../connections/round-trips.js';
import { snapshotOf } from '../connections/liveness.snapshot.js';
import { logger } from '../heartbeat.logger.js';
import { stackOf } from '../heartbeat.text.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { Decision, EVICTIONS } from '../detector/decision.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { TimeSlice } from './time.slice.js';

/** How long before the end of its lifetime a client that sent a hello is told of it, at most. Milliseconds. */
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
    private readonly events: HeartbeatEvents,
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
    const start = performance.now();
    const slice = new TimeSlice(start);
    let checks = 0;
    this.detector.continueTick(start);
    for (
      let connection = this.detector.nextDue();
      connection;
      connection = this.detector.nextDue()
    ) {
      this.check(connection);
      if (++checks % BATCH !== 0) continue;
      const now = performance.now();
      if (slice.isOver(now)) return this.schedule();
      this.detector.continueTick(now);
    }
    this.evictor.log.flush(performance.now());
  }

  private check(connection: WsConnection): void {
    try {
      const decision = this.detector.check(connection);
      if (decision !== Decision.None) this.act(connection, decision);
    } catch (error) {
      logger.error('Liveness check failed', stackOf(error));
    }
  }

  private act(connection: WsConnection, decision: number): void {
    if (decision & Decision.Suppressed) this.suppressed++;
    if (decision & Decision.Recovered) this.notify(connection, 'recovered', 'handleRecover');
    if (decision & Decision.Suspect) this.notify(connection, 'suspect', 'handleSuspect');
    if (decision & EVICTIONS && !this.announceDrain(connection, decision)) {
      this.evictor.evictOrReport(connection, reasonOf(decision));
    }
    // A hook may have blocked, and the time to answer runs from the ping.
    if (decision & (Decision.MessagePing | Decision.Ping))
      this.detector.continueTick(performance.now());
    if (decision & Decision.MessagePing && connection.isOpen) this.roundTrips.ask(connection);
    if (decision & Decision.Ping && connection.isOpen) this.roundTrips.ping(connection);
    if (decision & Decision.Terminate) connection.terminate();
    if (decision & Decision.Release) this.connections.releaseClosed(connection);
  }

  /** Announces the end of its lifetime to a client that sent a hello. Returns whether it did. */
  private announceDrain(connection: WsConnection, decision: number): boolean {
    const { answersMessages, policy, lifetimeExtension } = connection;
    if (
      !(decision & Decision.Expired) ||
      !answersMessages ||
      policy.dryRun ||
      lifetimeExtension > 0
    ) {
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

function reasonOf(decision: number): EvictionReason {
  if (decision & Decision.ApplicationUnresponsive) return 'application-unresponsive';
  if (decision & Decision.Unresponsive) return 'unresponsive';
  if (decision & Decision.Unadmitted) return 'unadmitted';
  if (decision & Decision.Expired) return 'expired';
  if (decision & Decision.SlowConsumer) return 'slow-consumer';
  return 'idle';
}

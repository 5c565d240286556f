import { Injectable, Logger } from '@nestjs/common';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { RoundTrips } from '../connections/round-trips.js';
import { snapshotOf } from '../connections/liveness.snapshot.js';
import type { WsConnection } from '../transport/ws.connection.js';
import type { CheckResult } from '../detector/connection.check.js';
import type { DetectedEviction } from '../detector/eviction-rules.js';
import { FailureDetector } from '../detector/failure-detector.js';

/** How long looks may hold a turn of the event loop, in ms. What is left goes on in the next turn. */
const SLICE = 4;
/** How long before the end of its lifetime a client that understands is told of it, at most. Milliseconds. */
const NOTICE = 10_000;
/** Looks between two readings of the time. */
const BATCH = 16;

/** Looks at the connections that are due and does what the detector decides. */
@Injectable()
export class ConnectionChecker {
  suppressed = 0;

  private readonly logger = new Logger('HeartbeatModule');
  private turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly roundTrips: RoundTrips,
    private readonly evictor: ConnectionEvictor,
    private readonly connections: ConnectionRegistry,
    private readonly events: HeartbeatEvents,
  ) {}

  /**
   * Looks in the check phase of this turn of the loop. It comes after the poll phase, so that all that
   * the kernel held when the tick fired has been read before anybody is judged.
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
    const end = start + SLICE;
    let looks = 0;
    this.detector.continueTick(start);
    for (
      let connection = this.detector.nextDue();
      connection;
      connection = this.detector.nextDue()
    ) {
      this.look(connection);
      if (++looks % BATCH !== 0) continue;
      const now = performance.now();
      if (now >= end) return this.schedule();
      this.detector.continueTick(now);
    }
    this.evictor.log.flush(performance.now());
  }

  private look(connection: WsConnection): void {
    try {
      const result = this.detector.check(connection);
      if (result !== undefined) this.act(connection, result);
    } catch (error) {
      this.logger.error('A look failed', error instanceof Error ? error.stack : String(error));
    }
  }

  private act(connection: WsConnection, result: CheckResult): void {
    const { transition, eviction } = result;
    if (result.isPingSuppressed) this.suppressed++;
    if (transition === 'recovered') this.notify(connection, 'recovered', 'handleRecover');
    if (transition === 'suspect') this.notify(connection, 'suspect', 'handleSuspect');
    if (eviction !== undefined && !this.announceEnd(connection, eviction))
      this.evictor.evictOrReport(connection, eviction);
    // A hook may have blocked: the time to answer starts now.
    if (result.messagePing || result.ping) this.detector.continueTick(performance.now());
    if (result.messagePing && connection.isOpen) this.roundTrips.sendMessagePing(connection);
    if (result.ping && connection.isOpen) this.roundTrips.sendPing(connection);
    if (result.terminate) connection.terminate();
    if (result.release) this.connections.releaseClosed(connection);
  }

  /** Tells a client that understands it of the end of its lifetime, once. Returns whether it was told now. */
  private announceEnd(connection: WsConnection, eviction: DetectedEviction): boolean {
    const { pings, policy, lifetimeExtension } = connection.record;
    if (
      eviction !== 'expired' ||
      !pings.answersMessages ||
      policy.dryRun ||
      lifetimeExtension > 0
    ) {
      return false;
    }
    connection.sendFrame({ op: 'drain', after: 0, within: NOTICE, reason: 'lifetime' });
    // A check comes up to a tick after it was due, and the close must not come later than announced.
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

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { WsConnection } from '../transport/ws.connection.js';
import type { Eviction } from '../heartbeat.interfaces.js';
import { cutToBytes } from '../heartbeat.text.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { CLOSE_METHODS, type EvictionReason } from './close.methods.js';
import { ConnectionCounters } from './connection.counters.js';
import { EvictionLog } from './eviction.log.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { snapshotOf } from './liveness.snapshot.js';
import { StartContext } from './start.context.js';

/** RFC 6455, section 5.5: a control frame carries 125 bytes, of which the code takes two. */
const REASON_BYTES = 123;
/** The close frame that the application requests. */
export interface CloseFrame {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** Evicts connections: reports the eviction to the application, then closes or terminates the connection. */
@Injectable()
export class ConnectionEvictor {
  readonly log = new EvictionLog();
  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly events: HeartbeatEvents,
    private readonly counters: ConnectionCounters,
    private readonly start: StartContext,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /**
   * Closes an open connection. A connection that either side is closing already stays as it is. The event and the hook
   * run in the context of the caller. The close does not, because `ws` starts a timer for it.
   */
  evict(connection: WsConnection, why: EvictionReason, requested?: CloseFrame): void {
    if (connection.state === 'evicted' || !connection.isOpen) return;
    const { isTerminated = false } = CLOSE_METHODS[why];
    const eviction = this.describe(connection, why, false, requested);
    this.counters.onState(connection.server, connection.state, 'evicted');
    this.detector.onEvicted(connection, this.clock.now(), isTerminated);
    connection.markEvicted(eviction);
    this.announce(connection, eviction);
    this.events.call(connection, 'handleEvict', () => eviction);
    this.start.run(() => {
      if (isTerminated) connection.terminate();
      else connection.close(eviction.code, eviction.reason);
    });
    if (!isTerminated) this.detector.onCloseFrameSent(connection);
  }

  /** Evicts a connection, or only reports the eviction in a dry run. */
  evictOrReport(connection: WsConnection, why: EvictionReason): void {
    if (!connection.policy.dryRun) return this.evict(connection, why);
    this.announce(connection, this.describe(connection, why, true));
  }

  private announce(connection: WsConnection, eviction: Eviction): void {
    this.counters.onEviction(eviction);
    this.log.add(connection, eviction);
    this.events.emit(() => ({ type: 'evicted', client: connection.client, eviction }));
  }

  private describe(
    connection: WsConnection,
    why: EvictionReason,
    dryRun: boolean,
    requested: CloseFrame = {},
  ): Eviction {
    const { cause, level, code, reason } = CLOSE_METHODS[why];
    return Object.freeze({
      cause,
      ...(level && { level }),
      code: requested.code ?? code,
      reason: cutToBytes(requested.reason ?? reason, REASON_BYTES),
      liveness: snapshotOf(connection, this.detector),
      bufferedBytes: connection.bufferedBytes,
      loopDelay: this.detector.clock.delay,
      dryRun,
    });
  }
}

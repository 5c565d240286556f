import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { HeartbeatCloseCode } from '../heartbeat.constants.js';
import type { Eviction, EvictionCause } from '../heartbeat.interfaces.js';
import { cutToBytes } from '../heartbeat.text.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { ConnectionCounters } from './connection.counters.js';
import { EvictionLog } from './eviction.log.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { snapshotOf } from './liveness.snapshot.js';
import { StartContext } from './start.context.js';

/** RFC 6455, section 5.5: a control frame carries 125 bytes, of which the code takes two. */
const REASON_BYTES = 123;
/** RFC 6455, section 7.1.5: the code of a connection that ends without a close frame. */
const TERMINATED = 1006;

/** How a connection is closed for a reason, and what its close frame and `Eviction` contain. */
interface CloseMethod {
  readonly cause: EvictionCause;
  readonly code: number;
  readonly reason: string;
  readonly level?: 'transport' | 'application';
  /** Terminated without a close frame, because the client would not read it. */
  readonly isTerminated?: boolean;
}

/** The close frame that the application requests. */
export interface CloseFrame {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** A cause, or `unresponsive` of the application alone, while the connection works. */
export type EvictionReason = EvictionCause | 'application-unresponsive';

const CLOSE_METHODS: Record<EvictionReason, CloseMethod> = {
  unresponsive: {
    cause: 'unresponsive',
    code: TERMINATED,
    reason: 'heartbeat timeout',
    level: 'transport',
    isTerminated: true,
  },
  'application-unresponsive': {
    cause: 'unresponsive',
    code: HeartbeatCloseCode.HeartbeatTimeout,
    reason: 'heartbeat timeout',
    level: 'application',
  },
  idle: { cause: 'idle', code: HeartbeatCloseCode.Idle, reason: 'idle' },
  expired: {
    cause: 'expired',
    code: HeartbeatCloseCode.Restart,
    reason: 'connection lifetime reached',
  },
  unadmitted: {
    cause: 'unadmitted',
    code: HeartbeatCloseCode.Unadmitted,
    reason: 'not admitted in time',
  },
  flooding: { cause: 'flooding', code: HeartbeatCloseCode.Flooding, reason: 'too many heartbeats' },
  'slow-consumer': {
    cause: 'slow-consumer',
    code: TERMINATED,
    reason: 'slow consumer',
    isTerminated: true,
  },
  drain: { cause: 'drain', code: HeartbeatCloseCode.Restart, reason: 'server restarts' },
  requested: { cause: 'requested', code: 1000, reason: '' },
};

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

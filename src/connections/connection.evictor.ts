import { Injectable } from '@nestjs/common';
import type { WsConnection } from '../transport/ws.connection.js';
import { HeartbeatCloseCode } from '../heartbeat.constants.js';
import type { Eviction, EvictionCause } from '../heartbeat.interfaces.js';
import { cutToBytes } from '../heartbeat.text.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { EvictionLog } from './eviction.log.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { snapshotOf } from './liveness.snapshot.js';
import { StartContext } from './start.context.js';

/** RFC 6455, section 5.5: a control frame carries 125 bytes, of which the code takes two. */
const REASON_BYTES = 123;
/** RFC 6455, section 7.1.5: what a peer sees that gets no close frame. */
const TERMINATED = 1006;

/** How a connection is ended, and what the application and the peer are told. */
interface Closing {
  readonly cause: EvictionCause;
  readonly code: number;
  readonly reason: string;
  readonly level?: 'transport' | 'application';
  /** Cut off, because the peer would not read a close frame. */
  readonly isCutOff?: boolean;
}

/** What the application wants a close frame to say. */
export interface CloseFrame {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** The reasons to end a connection: the causes, and `mute` for one that works while its application hangs. */
export type EvictionReason = EvictionCause | 'application-unresponsive';

const CLOSINGS: Record<EvictionReason, Closing> = {
  unresponsive: {
    cause: 'unresponsive',
    code: TERMINATED,
    reason: 'heartbeat timeout',
    level: 'transport',
    isCutOff: true,
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
    isCutOff: true,
  },
  drain: { cause: 'drain', code: HeartbeatCloseCode.Restart, reason: 'server restarts' },
  requested: { cause: 'requested', code: 1000, reason: '' },
};

/** Ends connections: tells the application why, then closes or terminates. */
@Injectable()
export class ConnectionEvictor {
  readonly log = new EvictionLog();
  readonly counts: Record<EvictionCause, number> = {
    unresponsive: 0,
    idle: 0,
    expired: 0,
    unadmitted: 0,
    flooding: 0,
    'slow-consumer': 0,
    drain: 0,
    requested: 0,
  };

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly events: HeartbeatEvents,
    private readonly start: StartContext,
  ) {}

  /**
   * Ends an open connection, once: one that is being closed already, by whichever side, stays as it is. The event and
   * the hook run in the context of the caller; the close does not, as `ws` starts a timer for it.
   */
  evict(connection: WsConnection, why: EvictionReason, asked?: CloseFrame): void {
    if (connection.record.state === 'evicted' || !connection.isOpen) return;
    const { isCutOff = false } = CLOSINGS[why];
    const eviction = this.describe(connection, why, false, asked);
    this.detector.onEvicted(connection, performance.now(), isCutOff);
    connection.markEvicted(eviction);
    this.announce(connection, eviction);
    this.events.call(connection, 'handleEvict', () => eviction);
    this.start.run(() => {
      if (isCutOff) connection.terminate();
      else connection.close(eviction.code, eviction.reason);
    });
    if (!isCutOff) this.detector.onCloseFrameSent(connection);
  }

  /** Ends a connection, or, where it is only dryRun, says that it would. */
  evictOrReport(connection: WsConnection, why: EvictionReason): void {
    if (!connection.record.policy.dryRun) return this.evict(connection, why);
    this.announce(connection, this.describe(connection, why, true));
  }

  private announce(connection: WsConnection, eviction: Eviction): void {
    this.counts[eviction.cause]++;
    this.log.add(connection, eviction);
    this.events.emit(() => ({ type: 'evicted', client: connection.client, eviction }));
  }

  private describe(
    connection: WsConnection,
    why: EvictionReason,
    dryRun: boolean,
    asked: CloseFrame = {},
  ): Eviction {
    const { cause, level, code, reason } = CLOSINGS[why];
    return Object.freeze({
      cause,
      ...(level && { level }),
      code: asked.code ?? code,
      reason: cutToBytes(asked.reason ?? reason, REASON_BYTES),
      liveness: snapshotOf(connection, this.detector),
      bufferedBytes: connection.bufferedBytes,
      loopDelay: this.detector.clock.delay,
      dryRun,
    });
  }
}

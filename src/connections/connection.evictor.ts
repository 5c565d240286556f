import { Injectable } from '@nestjs/common';
import type { WsConnection } from '../gateway/ws.connection.js';
import { CLOSE_TIMEOUT, HeartbeatCloseCode } from '../heartbeat.constants.js';
import type { Eviction, EvictionCause } from '../heartbeat.interfaces.js';
import { LivenessMonitor } from '../monitor/liveness.monitor.js';
import { EvictionLog } from './eviction.log.js';
import { HeartbeatEvents } from './heartbeat.events.js';
import { snapshotOf } from './liveness.snapshot.js';

/** RFC 6455, section 5.5: a control frame carries 125 bytes, of which the code takes two. */
const REASON_BYTES = 123;
/** RFC 6455, section 7.1.5: what a peer sees that gets no close frame. */
const TERMINATED = 1006;

const CLOSING: Record<EvictionCause, { code: number; reason: string }> = {
  unresponsive: { code: TERMINATED, reason: 'heartbeat timeout' },
  idle: { code: HeartbeatCloseCode.Idle, reason: 'idle' },
  expired: { code: HeartbeatCloseCode.Restart, reason: 'connection lifetime reached' },
  unadmitted: { code: HeartbeatCloseCode.Unadmitted, reason: 'not admitted in time' },
  flooding: { code: HeartbeatCloseCode.Flooding, reason: 'too many heartbeats' },
  'slow-consumer': { code: HeartbeatCloseCode.SlowConsumer, reason: 'too slow' },
  drain: { code: HeartbeatCloseCode.Restart, reason: 'server restarts' },
  requested: { code: 1000, reason: '' },
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
    private readonly monitor: LivenessMonitor<WsConnection>,
    private readonly events: HeartbeatEvents,
  ) {}

  /** Ends a connection, once: whoever is being closed already stays with the first cause. */
  evict(connection: WsConnection, cause: EvictionCause, reason?: string): void {
    if (connection.state === 'evicted') return;
    this.monitor.evicted(connection, performance.now() + CLOSE_TIMEOUT);
    const eviction = this.describe(connection, cause, reason, false);
    connection.eviction = eviction;
    this.announce(connection, eviction);
    this.events.call(connection, 'handleEvict', () => eviction);
    if (eviction.code === TERMINATED) connection.terminate();
    else connection.close(eviction.code, eviction.reason);
  }

  /** Says what would have happened to a connection that is only observed. */
  observe(connection: WsConnection, cause: EvictionCause): void {
    this.announce(connection, this.describe(connection, cause, undefined, true));
  }

  private announce(connection: WsConnection, eviction: Eviction): void {
    this.counts[eviction.cause]++;
    this.log.add(connection, eviction);
    this.events.emit(() => ({ type: 'evicted', client: connection.client, eviction }));
  }

  private describe(
    connection: WsConnection,
    cause: EvictionCause,
    reason: string | undefined,
    observed: boolean,
  ): Eviction {
    const closing = CLOSING[cause];
    return Object.freeze({
      cause,
      code: closing.code,
      reason: cutToBytes(reason ?? closing.reason, REASON_BYTES),
      liveness: snapshotOf(connection, this.monitor),
      bufferedBytes: connection.bufferedBytes,
      loopDelay: this.monitor.clock.delay,
      observed,
    });
  }
}

/** The start of a text that fits into so many bytes of UTF-8, cut between characters. */
function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return bytes.toString();
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

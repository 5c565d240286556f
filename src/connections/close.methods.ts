import { HeartbeatCloseCode } from '../heartbeat.constants.js';
import type { EvictionCause } from '../heartbeat.interfaces.js';

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

/** A cause, or `unresponsive` of the application alone, while the connection works. */
export type EvictionReason = EvictionCause | 'application-unresponsive';

/** How each of them is closed. */
export const CLOSE_METHODS: Record<EvictionReason, CloseMethod> = {
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

import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import type { MonitorTime } from './monitor.time.js';

/**
 * Which verdict, if any, a silence of so long and the clocks of a connection call for: of those that were
 * not spoken before, the first in the order of `Decision`.
 */
export function verdictOn(record: ConnectionRecord, time: MonitorTime, silence: number): number {
  if (!record.isOpen) return Decision.None;
  const due = dueVerdicts(record, time, silence) & ~record.observed;
  return due & -due;
}

function dueVerdicts(record: ConnectionRecord, time: MonitorTime, silence: number): number {
  const { policy } = record;
  const age = time.real - record.connectedAt;
  let due: number = Decision.None;
  if (silence >= policy.timeout && time.now >= answerDue(record)) due |= Decision.Unresponsive;
  if (!record.admitted && age >= policy.admissionTimeout) due |= Decision.Unadmitted;
  if (age >= record.lifetime) due |= Decision.Expired;
  if (time.now - record.lastActive >= policy.idleTimeout) due |= Decision.Idle;
  return due;
}

/** Attended time of the first moment at which something is to be decided about a connection. */
export function deadlineOf(record: ConnectionRecord, time: MonitorTime): number {
  const { policy, observed } = record;
  if (!record.isOpen) return Infinity;
  let first = Infinity;
  if (record.state === 'alive') first = record.lastHeard + policy.suspectAfter;
  else if ((observed & Decision.Unresponsive) === 0) {
    first = Math.max(record.lastHeard + policy.timeout, answerDue(record));
  }
  if ((observed & Decision.Idle) === 0) {
    first = Math.min(first, record.lastActive + policy.idleTimeout);
  }
  return Math.min(first, time.attendedAt(realDeadlineOf(record)));
}

/** The real time of the first deadline that does not wait for us to listen; Infinity for none. */
export function realDeadlineOf(record: ConnectionRecord): number {
  if (record.state === 'evicted') return record.closeBy;
  const { policy, observed, connectedAt } = record;
  let first = Infinity;
  if ((observed & Decision.Expired) === 0) first = connectedAt + record.lifetime;
  if (!record.admitted && (observed & Decision.Unadmitted) === 0) {
    first = Math.min(first, connectedAt + policy.admissionTimeout);
  }
  return first;
}

/** Attended time until which an unanswered ping must be waited for: nobody is judged unasked. */
function answerDue(record: ConnectionRecord): number {
  return record.askedAt < 0 ? Infinity : record.askedAt + record.policy.askedFor;
}

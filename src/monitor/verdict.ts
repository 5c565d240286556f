import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import { lastLife } from './evidence.js';
import type { MonitorTime } from './monitor.time.js';
import { followUpDue } from './ping.schedule.js';

/** How often a connection is looked at while bytes wait to leave. Milliseconds. */
const BACKLOG_LOOK = 1_000;
/** How long more bytes than the hard limit may wait without a completed write. Milliseconds. */
const BACKLOG_HARD = 1_000;

/**
 * Which verdict, if any, a silence of so long and the clocks of a connection call for: of those that were
 * not spoken before, the first in the order of `Decision`.
 */
export function verdictOn(record: ConnectionRecord, time: MonitorTime, silence: number): number {
  if (!record.isOpen) return Decision.None;
  const due = dueVerdicts(record, time, silence) & ~record.observed;
  const first = due & -due;
  const isMute =
    first === Decision.Unresponsive &&
    record.policy.application &&
    time.now - record.lastHeard < record.policy.suspectAfter;
  return isMute ? first | Decision.Mute : first;
}

function dueVerdicts(record: ConnectionRecord, time: MonitorTime, silence: number): number {
  const { policy } = record;
  const age = time.real - record.connectedAt;
  let due: number = Decision.None;
  if (silence >= policy.timeout && time.now >= answerDue(record)) due |= Decision.Unresponsive;
  if (!record.admitted && age >= policy.admissionTimeout) due |= Decision.Unadmitted;
  if (age >= record.lifetime) due |= Decision.Expired;
  if (time.now - record.lastActive >= policy.idleTimeout) due |= Decision.Idle;
  if (time.now >= backlogDue(record)) due |= Decision.SlowConsumer;
  return due;
}

/** Attended time of the first moment at which something is to be decided about a connection that is not evicted. */
export function deadlineOf(record: ConnectionRecord, time: MonitorTime): number {
  const { policy, observed } = record;
  if (!record.isOpen) return Infinity;
  let first = followUpDue(record);
  if (record.state === 'alive') first = Math.min(first, lastLife(record) + policy.suspectAfter);
  else if ((observed & Decision.Unresponsive) === 0) {
    const silent = Math.max(lastLife(record) + policy.timeout, answerDue(record));
    first = Math.min(first, silent);
  }
  if ((observed & Decision.Idle) === 0) {
    first = Math.min(first, record.lastActive + policy.idleTimeout);
  }
  // What waits to leave is looked at every second: only then is it known that none of it did.
  if (record.backlog !== undefined) first = Math.min(first, time.now + BACKLOG_LOOK);
  return first;
}

/** The real time of the first deadline that does not wait for us to listen; Infinity for none. */
export function realDeadlineOf(record: ConnectionRecord): number {
  if (record.state === 'evicted') return record.closeBy;
  if (record.paused || !record.isOpen) return Infinity;
  const { policy, observed, connectedAt } = record;
  let first = Infinity;
  if ((observed & Decision.Expired) === 0) first = connectedAt + record.lifetime;
  if (!record.admitted && (observed & Decision.Unadmitted) === 0) {
    first = Math.min(first, connectedAt + policy.admissionTimeout);
  }
  return first;
}

/**
 * Attended time until which an unanswered ping must be waited for: nobody is judged unasked, but for those
 * who must speak by themselves, because nothing they would understand can be asked of them.
 */
function answerDue(record: ConnectionRecord): number {
  const { policy } = record;
  if (policy.application && !record.answersMessages) return 0;
  const askedAt = policy.application ? record.messagedAt : record.askedAt;
  return askedAt < 0 ? Infinity : askedAt + policy.askedFor;
}

/** Attended time at which what waits to leave has waited too long; Infinity where it may. */
function backlogDue({ backlog, policy }: ConnectionRecord): number {
  if (backlog === undefined) return Infinity;
  const { overSustainedAt, overHardAt } = backlog;
  const sustained = overSustainedAt < 0 ? Infinity : overSustainedAt + policy.interval;
  return overHardAt < 0 ? sustained : Math.min(sustained, overHardAt + BACKLOG_HARD);
}

import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import { lastLife } from './evidence.js';
import type { MonitorTime } from './monitor.time.js';
import { followUpDue } from './ping.schedule.js';

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
  if (isSlowConsumer(record, time)) due |= Decision.SlowConsumer;
  return due;
}

/** Attended time of the first moment at which something is to be decided about a connection that is not evicted. */
export function deadlineOf(record: ConnectionRecord): number {
  const { policy, observed } = record;
  if (!record.isOpen || record.paused) return Infinity;
  let first = followUpDue(record);
  if (record.state === 'alive') first = Math.min(first, lastLife(record) + policy.suspectAfter);
  else if ((observed & Decision.Unresponsive) === 0) {
    const silent = Math.max(lastLife(record) + policy.timeout, answerDue(record));
    first = Math.min(first, silent);
  }
  if ((observed & Decision.Idle) === 0) {
    first = Math.min(first, record.lastActive + policy.idleTimeout);
  }
  return first;
}

/** The real time of the first deadline that does not wait for us to listen; Infinity for none. */
export function realDeadlineOf(record: ConnectionRecord): number {
  if (record.closing !== undefined) return record.closing.lookAt;
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
 * Attended time until which an answer must be waited for: for one to a ping that was flushed, or, where none gets
 * through, until nothing of what waits in the socket was taken for a `timeout`. Of those who must speak by themselves,
 * because nothing they would understand can be asked of them, no answer is waited for.
 */
function answerDue({
  policy,
  answersMessages,
  messagedAt,
  askedAt,
  backlog,
}: ConnectionRecord): number {
  if (policy.application && !answersMessages) return 0;
  const sentAt = policy.application ? messagedAt : askedAt;
  const answer = sentAt < 0 ? Infinity : sentAt + policy.askedFor;
  return backlog === undefined ? answer : Math.min(answer, backlog.stuckSince + policy.timeout);
}

/**
 * Whether the peer does not take what is sent: nothing of much for a `timeout`, or so much less than is sent that what
 * waits has doubled. One message, however large, is no reason as long as the peer takes some of it.
 */
function isSlowConsumer({ backlog, policy }: ConnectionRecord, { now }: MonitorTime): boolean {
  if (backlog === undefined) return false;
  const { stalled, max } = policy.backlog;
  const { waitingBytes, stuckSince, leastOverMax } = backlog;
  const isStuck = waitingBytes > stalled && now >= stuckSince + policy.timeout;
  return isStuck || waitingBytes >= leastOverMax + max;
}

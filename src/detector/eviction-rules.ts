import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import { lastLife } from './activity.js';
import type { DetectorTime } from './detector.time.js';
import { followUpDue } from './ping.schedule.js';

/**
 * Which verdict, if any, a silence of so long and the clocks of a connection call for: of those that were
 * not spoken before, the first in the order of `Decision`.
 */
export function evictionOf(record: ConnectionRecord, time: DetectorTime, silence: number): number {
  if (!record.isOpen) return Decision.None;
  const due = dueEvictions(record, time, silence) & ~record.reported;
  const first = due & -due;
  const isMute =
    first === Decision.Unresponsive &&
    record.policy.application &&
    time.now - record.lastFrameAt < record.policy.suspectAfter;
  return isMute ? first | Decision.ApplicationUnresponsive : first;
}

function dueEvictions(record: ConnectionRecord, time: DetectorTime, silence: number): number {
  const { policy } = record;
  const age = time.real - record.connectedAt;
  let due: number = Decision.None;
  if (silence >= policy.timeout && time.now >= answerDue(record)) due |= Decision.Unresponsive;
  if (!record.admitted && age >= policy.admissionTimeout) due |= Decision.Unadmitted;
  if (age >= record.lifetime) due |= Decision.Expired;
  if (time.now - record.lastApplicationAt >= policy.idleTimeout) due |= Decision.Idle;
  if (isSlowConsumer(record, time)) due |= Decision.SlowConsumer;
  return due;
}

/** Attended time of the first moment at which something is to be decided about a connection that is not evicted. */
export function deadlineOf(record: ConnectionRecord): number {
  const { policy, reported } = record;
  if (!record.isOpen || record.paused) return Infinity;
  let first = followUpDue(record);
  if (record.state === 'alive') first = Math.min(first, lastLife(record) + policy.suspectAfter);
  else if ((reported & Decision.Unresponsive) === 0) {
    const silent = Math.max(lastLife(record) + policy.timeout, answerDue(record));
    first = Math.min(first, silent);
  }
  if ((reported & Decision.Idle) === 0) {
    first = Math.min(first, record.lastApplicationAt + policy.idleTimeout);
  }
  return first;
}

/** The real time of the first deadline that does not wait for us to listen; Infinity for none. */
export function realDeadlineOf(record: ConnectionRecord): number {
  if (record.closing !== undefined) return record.closing.checkAt;
  if (record.paused || !record.isOpen) return Infinity;
  const { policy, reported, connectedAt } = record;
  let first = Infinity;
  if ((reported & Decision.Expired) === 0) first = connectedAt + record.lifetime;
  if (!record.admitted && (reported & Decision.Unadmitted) === 0) {
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
  messagePingSentAt,
  pingSentAt,
  backlog,
}: ConnectionRecord): number {
  if (policy.application && !answersMessages) return 0;
  const sentAt = policy.application ? messagePingSentAt : pingSentAt;
  const answer = sentAt < 0 ? Infinity : sentAt + policy.pongTimeout;
  return backlog === undefined ? answer : Math.min(answer, backlog.blockedSince + policy.timeout);
}

/**
 * Whether the peer does not take what is sent: nothing of much for a `timeout`, or so much less than is sent that what
 * waits has doubled. One message, however large, is no reason as long as the peer takes some of it.
 */
function isSlowConsumer({ backlog, policy }: ConnectionRecord, { now }: DetectorTime): boolean {
  if (backlog === undefined) return false;
  const { stalled, max } = policy.backlog;
  const { waitingBytes, blockedSince, leastOverMax } = backlog;
  const isStuck = waitingBytes > stalled && now >= blockedSince + policy.timeout;
  return isStuck || waitingBytes >= leastOverMax + max;
}

import type { ConnectionRecord } from './connection.record.js';
import type { DetectorTime } from './detector.time.js';

/** Why a check ends a connection. */
export type DetectedCause = 'unresponsive' | 'unadmitted' | 'expired' | 'idle' | 'slow-consumer';

/** A cause, or `unresponsive` of the application alone, while the connection works. */
export type DetectedEviction = DetectedCause | 'application-unresponsive';

/**
 * The first cause that is due and was not reported before. The order of the rules is their priority. They compare
 * instead of returning times, because times that are Infinity would be allocated: docs/PERFORMANCE.md. The rules in real
 * time are read only when their deadline is over, which has a check of its own.
 */
export function dueEviction(
  record: ConnectionRecord,
  { now, real }: DetectorTime,
): DetectedCause | undefined {
  if (isUnresponsive(record, now) && !record.hasReported('unresponsive')) return 'unresponsive';
  if (record.isDeadlineOver) {
    if (isUnadmitted(record, real) && !record.hasReported('unadmitted')) return 'unadmitted';
    if (isExpired(record, real) && !record.hasReported('expired')) return 'expired';
  }
  if (isIdle(record, now) && !record.hasReported('idle')) return 'idle';
  if (isSlowConsumer(record, now) && !record.hasReported('slow-consumer')) return 'slow-consumer';
  return undefined;
}

/** Whether the connection of an unresponsive client works, and only its application is silent. */
export function isApplicationOnly(
  { lastFrameAt, policy }: ConnectionRecord,
  { now }: DetectorTime,
): boolean {
  return policy.application && now - lastFrameAt < policy.suspectAfter;
}

/** Stall-adjusted time of the first decision about an open connection that a check must not miss. */
export function deadlineOf(record: ConnectionRecord): number {
  if (!record.isOpen || record.paused) return Infinity;
  let first = record.followUpAt;
  if (record.state === 'alive') {
    first = Math.min(first, record.lastLife + record.policy.suspectAfter);
  } else if (!record.hasReported('unresponsive')) {
    first = Math.min(first, unresponsiveAt(record));
  }
  return Math.min(first, idleDeadlineOf(record));
}

/** Stall-adjusted time at which the client is idle; Infinity for never, and once it was reported. */
export function idleDeadlineOf(record: ConnectionRecord): number {
  return record.hasReported('idle') ? Infinity : idleAt(record);
}

/** Real time of the first decision that does not depend on silence; Infinity for none. */
export function realDeadlineOf(record: ConnectionRecord): number {
  if (record.closing !== undefined) return record.closing.checkAt;
  if (record.paused || !record.isOpen) return Infinity;
  const first = record.hasReported('expired') ? Infinity : expiredAt(record);
  const isAwaited = !record.admitted && !record.hasReported('unadmitted');
  return isAwaited ? Math.min(first, unadmittedAt(record)) : first;
}

function isUnresponsive(record: ConnectionRecord, now: number): boolean {
  return now >= record.lastLife + record.policy.timeout && now >= answerDueAt(record);
}

function isUnadmitted(record: ConnectionRecord, real: number): boolean {
  return !record.admitted && real - record.connectedAt >= record.policy.admissionTimeout;
}

function isExpired(record: ConnectionRecord, real: number): boolean {
  return real - record.connectedAt >= record.lifetime;
}

function isIdle({ lastApplicationAt, policy }: ConnectionRecord, now: number): boolean {
  return now - lastApplicationAt >= policy.idleTimeout;
}

function isSlowConsumer({ backlog, policy }: ConnectionRecord, now: number): boolean {
  return backlog !== undefined && backlog.isOverLimit(policy, now);
}

function unresponsiveAt(record: ConnectionRecord): number {
  return Math.max(record.lastLife + record.policy.timeout, answerDueAt(record));
}

function idleAt({ lastApplicationAt, policy }: ConnectionRecord): number {
  return lastApplicationAt + policy.idleTimeout;
}

function unadmittedAt({ connectedAt, policy }: ConnectionRecord): number {
  return connectedAt + policy.admissionTimeout;
}

function expiredAt({ connectedAt, lifetime }: ConnectionRecord): number {
  return connectedAt + lifetime;
}

/**
 * Stall-adjusted time until which an answer has to be awaited: the answer to a flushed ping or, where no ping gets
 * through, until the kernel has taken none of the waiting bytes for a `timeout`. A client that does not
 * answer message pings has to send messages unprompted, so no answer is awaited.
 */
function answerDueAt(record: ConnectionRecord): number {
  const { policy, backlog } = record;
  if (policy.application && !record.answersMessages) return 0;
  if (backlog === undefined) return record.answerDueAt;
  return Math.min(record.answerDueAt, backlog.blockedSince + policy.timeout);
}

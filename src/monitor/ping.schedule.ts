import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import { lastLife } from './evidence.js';
import type { MonitorTime } from './monitor.time.js';

/*
 * When a connection is looked at and pinged. It has a phase for life, at which it is pinged once an
 * interval, if at all, and is looked at once more half way between: then a ping can be left out for
 * which traffic is made in both directions, and none comes too late where that traffic ends.
 */

/** The slot of the next regular look. */
export function nextLook(record: ConnectionRecord, time: MonitorTime): number {
  const half = record.policy.halfInterval(time.tick);
  return time.slot + slotsToLook(slotsToPhase(record, time.slot, half), half);
}

/** Notes that a ping went out: for the next ones, in the slot in which it was due. */
export function notePing(record: ConnectionRecord, time: MonitorTime, isFlushed: boolean): void {
  if (!isFlushed) record.unflushed = 'ping';
  else if (record.askedAt < 0) record.askedAt = time.clock.reached;
  record.sentSlot = nextLook(record, time) - record.policy.halfInterval(time.tick);
}

/** Notes that a ping went out by message. */
export function noteQuestion(
  record: ConnectionRecord,
  time: MonitorTime,
  isFlushed: boolean,
): void {
  notePing(record, time, isFlushed);
  if (!isFlushed) {
    record.unflushed = 'message';
    return;
  }
  if (record.messagedAt < 0) record.messagedAt = time.clock.reached;
  record.followUpAt = time.now + record.policy.followUpAfter;
}

/** Whether to ping now. `bothWays`: there was traffic in both directions since the last look. */
export function decidePing(record: ConnectionRecord, time: MonitorTime, bothWays: boolean): number {
  if (!record.isOpen) return Decision.None;
  // A ping that waits behind what we send would only get company.
  if (record.unflushed !== undefined) return Decision.None;
  const { answersMessages, policy } = record;
  const half = policy.halfInterval(time.tick);
  const interval = 2 * half;
  const passed = time.slot - record.lookedSlot;
  const toPhase = slotsToPhase(record, time.slot, half);
  const inPhase = passed > interval - toPhase;
  // Only those who answer by message can be asked for a message.
  const last = answersMessages ? lastLife(record) : record.lastHeard;
  const unanswered = answersMessages && policy.application ? record.messagedAt : record.askedAt;
  const heardSlot = Math.floor(last / time.tick);
  // One unanswered ping is question enough: only our own silence asks for another. A frozen peer finds
  // them all at once when it wakes up, and `ws` terminates a connection on which it finds 60.
  const quietSince = unanswered < 0 ? Math.min(record.sentSlot, heardSlot) : record.sentSlot;
  const quietAtNextLook = time.slot + slotsToLook(toPhase, half) - quietSince;
  // Only lasting traffic saves a ping. One broadcast that everybody answers would save it for half of
  // them, and half an interval later they would all be pinged together with the other half.
  const lasts = bothWays && record.spokeBothWays;
  record.spokeBothWays = bothWays;
  if (quietAtNextLook > interval || (inPhase && !lasts)) {
    return answersMessages ? Decision.Ask : Decision.Ping;
  }
  return inPhase ? Decision.Suppressed : Decision.None;
}

/**
 * Whether a frame must follow a ping by message that stayed unanswered: only that tells an application
 * that hangs from a path that is dead.
 */
export function decideFollowUp(record: ConnectionRecord, time: MonitorTime): number {
  if (!record.isOpen || time.now < followUpDue(record)) return Decision.None;
  record.followUpAt = -1;
  return Decision.Ping;
}

/** Attended time at which a frame must follow a ping by message; Infinity where none must. */
export function followUpDue({ followUpAt }: ConnectionRecord): number {
  return followUpAt < 0 ? Infinity : followUpAt;
}

/** In how many slots, at least one, the phase of a connection comes round in its interval of two halves. */
function slotsToPhase(record: ConnectionRecord, slot: number, half: number): number {
  const interval = 2 * half;
  const past = slot - record.phaseIn(interval);
  return interval - (past - interval * Math.floor(past / interval));
}

/** In how many slots the next look is, of which there are two in the interval. */
function slotsToLook(toPhase: number, half: number): number {
  return toPhase > half ? toPhase - half : toPhase;
}

import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import { lastLife } from './activity.js';
import type { DetectorTime } from './detector.time.js';

/*
 * When a connection is looked at and pinged. It has a phase for life, at which it is pinged once an
 * interval, if at all, and is looked at once more half way between: then a ping can be left out for
 * which traffic is made in both directions, and none comes too late where that traffic ends.
 */

/** The slot of the next regular look. */
export function nextCheck(record: ConnectionRecord, time: DetectorTime): number {
  const half = record.policy.halfInterval(time.tick);
  return time.slot + slotsToCheck(slotsToPhase(record, time.slot, half), half);
}

/** Notes that a ping went out: for the next ones, in the slot in which it was due. */
export function notePing(record: ConnectionRecord, time: DetectorTime, isFlushed: boolean): void {
  if (!isFlushed) record.unflushed = 'ping';
  else if (record.pingSentAt < 0) record.pingSentAt = time.clock.reached;
  record.sentSlot = nextCheck(record, time) - record.policy.halfInterval(time.tick);
}

/** Notes that a ping went out by message. */
export function noteMessagePing(
  record: ConnectionRecord,
  time: DetectorTime,
  isFlushed: boolean,
): void {
  notePing(record, time, isFlushed);
  if (!isFlushed) {
    record.unflushed = 'message';
    return;
  }
  if (record.messagePingSentAt < 0) record.messagePingSentAt = time.clock.reached;
  record.followUpAt = time.now + record.policy.followUpAfter;
}

/** Whether to ping now. `bothWays`: there was traffic in both directions since the last look. */
export function decidePing(
  record: ConnectionRecord,
  time: DetectorTime,
  bothWays: boolean,
): number {
  if (!record.isOpen) return Decision.None;
  // A ping that waits behind what we send would only get company.
  if (record.unflushed !== undefined) return Decision.None;
  const { answersMessages, policy } = record;
  const half = policy.halfInterval(time.tick);
  const interval = 2 * half;
  const passed = time.slot - record.checkedSlot;
  const toPhase = slotsToPhase(record, time.slot, half);
  const inPhase = passed > interval - toPhase;
  // Only those who answer by message can be asked for a message.
  const last = answersMessages ? lastLife(record) : record.lastFrameAt;
  const unanswered =
    answersMessages && policy.application ? record.messagePingSentAt : record.pingSentAt;
  const heardSlot = Math.floor(last / time.tick);
  // One unanswered ping is question enough: only our own silence asks for another. A frozen peer finds
  // them all at once when it wakes up, and `ws` terminates a connection on which it finds 60.
  const silentSince = unanswered < 0 ? Math.min(record.sentSlot, heardSlot) : record.sentSlot;
  const silentAtNextCheck = time.slot + slotsToCheck(toPhase, half) - silentSince;
  // Only lasting traffic saves a ping. One broadcast that everybody answers would save it for half of
  // them, and half an interval later they would all be pinged together with the other half.
  const lasts = bothWays && record.hadBothWays;
  record.hadBothWays = bothWays;
  if (silentAtNextCheck > interval || (inPhase && !lasts)) {
    return answersMessages ? Decision.MessagePing : Decision.Ping;
  }
  return inPhase ? Decision.Suppressed : Decision.None;
}

/**
 * Whether a frame must follow a ping by message that stayed unanswered: only that tells an application
 * that hangs from a path that is dead.
 */
export function decideFollowUp(record: ConnectionRecord, time: DetectorTime): number {
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
function slotsToCheck(toPhase: number, half: number): number {
  return toPhase > half ? toPhase - half : toPhase;
}

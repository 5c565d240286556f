import type { AttendedClock } from './attended-clock.js';
import { Backlog, type ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import type { MonitorTime } from './monitor.time.js';

/*
 * What a connection has done since it was looked at: listeners leave the number of a tick, sockets
 * count bytes, and here both become times, always in the peer's favour.
 */

/** All clocks of a connection start from zero, at the next tick: what it sent or got before proves nothing after. */
export function restartClocks(record: ConnectionRecord, time: MonitorTime): void {
  record.receivedBytes = record.bytesRead;
  record.sentBytes = record.bytesWritten;
  record.lastHeard = time.now + time.tick;
  record.lastSpoke = record.lastHeard;
  record.lastActive = record.lastHeard;
  // The next tick may come late. As for what is heard, the look knows when it came.
  stampTicks(record, time.clock.ticks);
  record.askedAt = -1;
  record.messagedAt = -1;
  record.followUpAt = -1;
  record.backlog = undefined;
  record.isInFrame = false;
  record.lookedSlot = time.slot;
  record.countedSlot = time.slot;
  record.sentSlot = time.slot;
}

/** There are `scale` times as many slots from now on, and clocks that begin with the next tick begin earlier. */
export function rescale(record: ConnectionRecord, time: MonitorTime, scale: number): void {
  const next = time.now + time.tick;
  record.lastHeard = Math.min(record.lastHeard, next);
  record.lastSpoke = Math.min(record.lastSpoke, next);
  record.lastActive = Math.min(record.lastActive, next);
  record.lookedSlot = Math.floor(record.lookedSlot * scale);
  record.countedSlot = Math.floor(record.countedSlot * scale);
  record.sentSlot = Math.floor(record.sentSlot * scale);
}

/** We do not read from this connection: its silence is our doing, and its clocks start again. */
export function excuse(record: ConnectionRecord, { clock }: MonitorTime): void {
  const now = clock.reached;
  forgetTicks(record);
  record.isInFrame = true;
  record.volunteered = true;
  record.lastHeard = now;
  record.lastSpoke = now;
  record.lastActive = now;
  // What was asked before needs no more time: the silence itself begins now, and must last longer.
  if (record.followUpAt >= 0) record.followUpAt = now + record.policy.followUpAfter;
}

/**
 * Whether there was traffic in both directions since the last look, from a peer that was heard or may have been.
 * One that only answers pings needs them, whatever it is sent: then it is not looked at, which costs as much as
 * the rest of a look. So what is found may have been sent before the last look, or be a ping; only traffic that
 * lasts for two looks is certain.
 */
export function gatherTraffic(record: ConnectionRecord, { slot }: MonitorTime): boolean {
  if (!record.volunteered) return false;
  record.volunteered = false;
  const sent = record.bytesWritten;
  const since = record.countedSlot;
  record.countedSlot = slot;
  if (sent === record.sentBytes) return false;
  record.sentBytes = sent;
  // When exactly it was sent is unknown: right after it was counted last, at worst.
  record.sentSlot = Math.max(record.sentSlot, since);
  return true;
}

/** How many bytes wait to leave, and since when more than a limit do without a completed write. */
export function gatherBacklog(record: ConnectionRecord, { now }: MonitorTime): void {
  const limits = record.policy.backlog;
  const waiting = record.bufferedBytes;
  if (limits === undefined || waiting === 0) {
    record.backlog = undefined;
    record.observed &= ~Decision.SlowConsumer;
    return;
  }
  const backlog = (record.backlog ??= new Backlog());
  const left = record.bytesLeft;
  // What cannot be known counts as completed.
  const isStuck = left <= backlog.leftBytes;
  backlog.leftBytes = left;
  const since = (limit: number, before: number): number => {
    if (waiting <= limit) return -1;
    return isStuck && before >= 0 ? before : now;
  };
  backlog.overSustainedAt = since(limits.stalled, backlog.overSustainedAt);
  backlog.overHardAt = since(limits.max, backlog.overHardAt);
}

/** What the peer gave as signs of life since the last look. */
export function gatherHeard(record: ConnectionRecord, { clock }: MonitorTime): void {
  const { activeTick, spokeTick, heardTick } = record;
  let heard = false;
  if (activeTick > 0) {
    record.lastActive = clock.after(activeTick);
    record.observed &= ~Decision.Idle;
  }
  if (activeTick > 0 || spokeTick > 0) {
    record.lastSpoke = clock.after(Math.max(activeTick, spokeTick));
    record.messagedAt = -1;
    record.followUpAt = -1;
    record.volunteered = true;
  }
  const lastTick = Math.max(activeTick, spokeTick, heardTick);
  if (lastTick > 0) {
    record.lastHeard = Math.max(record.lastHeard, clock.after(lastTick));
    record.isInFrame = false;
    heard = true;
  }
  const received = record.bytesRead;
  if (received !== record.receivedBytes) {
    record.receivedBytes = received;
    record.lastHeard = clock.reached + 1;
    record.isInFrame = true;
    record.volunteered = true;
    heard = true;
  }
  if (heard) record.askedAt = -1;
  if (record.policy.application ? activeTick > 0 || spokeTick > 0 : heard) {
    record.observed &= ~Decision.Unresponsive;
  }
  forgetTicks(record);
}

/** Attended time of the last sign of life of the kind that the policy asks for. */
export function lastLife(record: ConnectionRecord): number {
  if (!record.policy.application) return record.lastHeard;
  return Math.max(record.lastSpoke, record.demandedAt);
}

/** Attended time since the last sign of life, also between looks. */
export function silenceOf(record: ConnectionRecord, clock: AttendedClock): number {
  if (record.bytesRead !== record.receivedBytes) return 0;
  const { heardTick, spokeTick, activeTick } = record;
  return sinceOf(record, clock, Math.max(heardTick, spokeTick, activeTick), record.lastHeard);
}

/** Attended time since the last message, also between looks. */
export function applicationSilenceOf(record: ConnectionRecord, clock: AttendedClock): number {
  const { spokeTick, activeTick } = record;
  return sinceOf(record, clock, Math.max(spokeTick, activeTick), record.lastSpoke);
}

/** Attended time since the last application message, also between looks. */
export function idleOf(record: ConnectionRecord, clock: AttendedClock): number {
  return sinceOf(record, clock, record.activeTick, record.lastActive);
}

function sinceOf(
  { paused }: ConnectionRecord,
  clock: AttendedClock,
  tick: number,
  last: number,
): number {
  if (paused) return 0;
  return Math.max(0, clock.now - (tick > 0 ? Math.max(last, clock.after(tick)) : last));
}

function forgetTicks(record: ConnectionRecord): void {
  stampTicks(record, 0);
}

function stampTicks(record: ConnectionRecord, tick: number): void {
  record.heardTick = tick;
  record.spokeTick = tick;
  record.activeTick = tick;
}

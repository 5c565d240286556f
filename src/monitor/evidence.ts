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
  record.lastProgress = record.lastHeard;
  // The next tick may come late. As for what is heard, the look knows when it came.
  stampTicks(record, time.clock.ticks);
  record.askedAt = -1;
  record.messagedAt = -1;
  record.followUpAt = -1;
  record.unflushed = undefined;
  record.backlog = undefined;
  record.isInFrame = false;
  record.isBulk = false;
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
  record.lastProgress = Math.min(record.lastProgress, next);
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

/**
 * What the kernel took of what waits in the socket. Bytes taken from a queue that was blocked at an earlier look are
 * a sign of life: they had to wait until the peer acknowledged others. A write that the kernel accepts at once is none:
 * it accepts hundreds of kilobytes for a peer that is stopped.
 */
export function gatherFlushed(record: ConnectionRecord, time: MonitorTime): void {
  const waiting = record.bufferedBytes;
  if (waiting > 0 || record.backlog !== undefined) updateBacklog(record, time, waiting, true);
  if (record.unflushed !== undefined && record.isFlushed) noteFlushed(record, time);
}

/** A ping was sent, and not flushed: from now on it is known for how long the queue is blocked, if it is. */
export function noteUnflushed(record: ConnectionRecord, time: MonitorTime): void {
  const waiting = record.bufferedBytes;
  if (waiting === 0 || record.backlog !== undefined) return;
  updateBacklog(record, time, waiting, false);
}

function updateBacklog(
  record: ConnectionRecord,
  { clock }: MonitorTime,
  waiting: number,
  isLook: boolean,
): void {
  // When it was taken is not known: this very moment, at best.
  const now = clock.reached + 1;
  const flushed = record.bytesFlushed;
  const backlog = (record.backlog ??= new Backlog(flushed, now, isLook));
  if (flushed > backlog.flushedBytes) {
    backlog.stuckSince = now;
    if (backlog.isBlocked) {
      record.lastProgress = now;
      record.observed &= ~(Decision.Unresponsive | Decision.SlowConsumer);
    }
  }
  const { max } = record.policy.backlog;
  // As few may have waited since the last look: no more than the limit, perhaps, before more was sent.
  const fewest = backlog.waitingBytes - (flushed - backlog.flushedBytes);
  if (fewest <= max) backlog.leastOverMax = Infinity;
  backlog.flushedBytes = flushed;
  backlog.isBlocked ||= isLook;
  backlog.waitingBytes = waiting;
  backlog.leastOverMax = waiting > max ? Math.min(backlog.leastOverMax, waiting) : Infinity;
  if (waiting > 0) return;
  record.backlog = undefined;
  record.observed &= ~Decision.SlowConsumer;
}

/** A ping that waited behind what we sent is on its way now: the peer has its time to answer from here on. */
function noteFlushed(record: ConnectionRecord, { clock }: MonitorTime): void {
  const now = clock.reached;
  if (record.askedAt < 0) record.askedAt = now;
  if (record.unflushed === 'message') {
    if (record.messagedAt < 0) record.messagedAt = now;
    record.followUpAt = now + record.policy.followUpAfter;
  }
  record.unflushed = undefined;
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
    // In the middle of a transfer the next message is on its way as soon as one has come.
    record.isInFrame = record.isBulk;
    record.isBulk = false;
    heard = true;
  }
  const received = record.bytesRead;
  if (received !== record.receivedBytes) {
    record.receivedBytes = received;
    record.lastHeard = clock.reached + 1;
    record.lastProgress = record.lastHeard;
    record.isInFrame = true;
    record.volunteered = true;
    heard = true;
  }
  if (heard) {
    record.askedAt = -1;
    // It may still wait behind a stream that never ends, and must not be the last one.
    record.unflushed = undefined;
  }
  if (record.policy.application ? activeTick > 0 || spokeTick > 0 : heard) {
    record.observed &= ~Decision.Unresponsive;
  }
  forgetTicks(record);
}

/**
 * Attended time of the last sign of life of the kind that the policy asks for. A message that is under way counts in
 * both kinds for as long as it makes progress: an answer cannot overtake it.
 */
export function lastLife(record: ConnectionRecord): number {
  const { lastProgress } = record;
  if (!record.policy.application) return Math.max(record.lastHeard, lastProgress);
  return Math.max(record.lastSpoke, record.demandedAt, lastProgress);
}

/** Attended time since the last sign of life, also between looks. */
export function silenceOf(record: ConnectionRecord, clock: AttendedClock): number {
  if (record.bytesRead !== record.receivedBytes) return 0;
  const { heardTick, spokeTick, activeTick } = record;
  const last = Math.max(record.lastHeard, record.lastProgress);
  return sinceOf(record, clock, Math.max(heardTick, spokeTick, activeTick), last);
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

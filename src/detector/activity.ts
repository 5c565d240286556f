import type { StallAwareClock } from './stall-aware-clock.js';
import { Backlog, type ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import type { DetectorTime } from './detector.time.js';

/*
 * What a connection has done since it was looked at: listeners leave the number of a tick, sockets
 * count bytes, and here both become times, always in the peer's favour.
 */

/** All clocks of a connection start from zero, at the next tick: what it sent or got before proves nothing after. */
export function restartClocks(record: ConnectionRecord, time: DetectorTime): void {
  record.receivedBytes = record.bytesRead;
  record.sentBytes = record.bytesWritten;
  record.lastFrameAt = time.now + time.tick;
  record.lastMessageAt = record.lastFrameAt;
  record.lastApplicationAt = record.lastFrameAt;
  record.lastProgress = record.lastFrameAt;
  // The next tick may come late. As for what is heard, the look knows when it came.
  stampTicks(record, time.clock.ticks);
  record.pingSentAt = -1;
  record.messagePingSentAt = -1;
  record.followUpAt = -1;
  record.unflushed = undefined;
  record.backlog = undefined;
  record.isInFrame = false;
  record.isBulk = false;
  record.checkedSlot = time.slot;
  record.countedSlot = time.slot;
  record.sentSlot = time.slot;
}

/** There are `scale` times as many slots from now on, and clocks that begin with the next tick begin earlier. */
export function rescale(record: ConnectionRecord, time: DetectorTime, scale: number): void {
  const next = time.now + time.tick;
  record.lastFrameAt = Math.min(record.lastFrameAt, next);
  record.lastMessageAt = Math.min(record.lastMessageAt, next);
  record.lastApplicationAt = Math.min(record.lastApplicationAt, next);
  record.lastProgress = Math.min(record.lastProgress, next);
  record.checkedSlot = Math.floor(record.checkedSlot * scale);
  record.countedSlot = Math.floor(record.countedSlot * scale);
  record.sentSlot = Math.floor(record.sentSlot * scale);
}

/** We do not read from this connection: its silence is our doing, and its clocks start again. */
export function resetIdleClocks(record: ConnectionRecord, { clock }: DetectorTime): void {
  const now = clock.reached;
  forgetTicks(record);
  record.isInFrame = true;
  record.hasUnsolicited = true;
  record.lastFrameAt = now;
  record.lastMessageAt = now;
  record.lastApplicationAt = now;
  // What was asked before needs no more time: the silence itself begins now, and must last longer.
  if (record.followUpAt >= 0) record.followUpAt = now + record.policy.followUpAfter;
}

/**
 * Whether there was traffic in both directions since the last look, from a peer that was heard or may have been.
 * One that only answers pings needs them, whatever it is sent: then it is not looked at, which costs as much as
 * the rest of a look. So what is found may have been sent before the last look, or be a ping; only traffic that
 * lasts for two looks is certain.
 */
export function collectTraffic(record: ConnectionRecord, { slot }: DetectorTime): boolean {
  if (!record.hasUnsolicited) return false;
  record.hasUnsolicited = false;
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
export function collectOutbound(record: ConnectionRecord, time: DetectorTime): void {
  const waiting = record.bufferedBytes;
  if (waiting > 0 || record.backlog !== undefined) updateBacklog(record, time, waiting, true);
  if (record.unflushed !== undefined && record.isFlushed) noteFlushed(record, time);
}

/** A ping was sent, and not flushed: from now on it is known for how long the queue is blocked, if it is. */
export function noteUnflushed(record: ConnectionRecord, time: DetectorTime): void {
  const waiting = record.bufferedBytes;
  if (waiting === 0 || record.backlog !== undefined) return;
  updateBacklog(record, time, waiting, false);
}

function updateBacklog(
  record: ConnectionRecord,
  { clock }: DetectorTime,
  waiting: number,
  isLook: boolean,
): void {
  // When it was taken is not known: this very moment, at best.
  const now = clock.reached + 1;
  const flushed = record.bytesFlushed;
  const backlog = (record.backlog ??= new Backlog(flushed, now, isLook));
  if (flushed > backlog.flushedBytes) {
    backlog.blockedSince = now;
    if (backlog.isBlocked) {
      record.lastProgress = now;
      record.reported &= ~(Decision.Unresponsive | Decision.SlowConsumer);
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
  record.reported &= ~Decision.SlowConsumer;
}

/** A ping that waited behind what we sent is on its way now: the peer has its time to answer from here on. */
function noteFlushed(record: ConnectionRecord, { clock }: DetectorTime): void {
  const now = clock.reached;
  if (record.pingSentAt < 0) record.pingSentAt = now;
  if (record.unflushed === 'message') {
    if (record.messagePingSentAt < 0) record.messagePingSentAt = now;
    record.followUpAt = now + record.policy.followUpAfter;
  }
  record.unflushed = undefined;
}

/** What the peer gave as signs of life since the last look. */
export function collectInbound(record: ConnectionRecord, { clock }: DetectorTime): void {
  const { applicationTick, heartbeatTick, frameTick } = record;
  let heard = false;
  if (applicationTick > 0) {
    record.lastApplicationAt = clock.after(applicationTick);
    record.reported &= ~Decision.Idle;
  }
  if (applicationTick > 0 || heartbeatTick > 0) {
    record.lastMessageAt = clock.after(Math.max(applicationTick, heartbeatTick));
    record.messagePingSentAt = -1;
    record.followUpAt = -1;
    record.hasUnsolicited = true;
  }
  const lastTick = Math.max(applicationTick, heartbeatTick, frameTick);
  if (lastTick > 0) {
    record.lastFrameAt = Math.max(record.lastFrameAt, clock.after(lastTick));
    // In the middle of a transfer the next message is on its way as soon as one has come.
    record.isInFrame = record.isBulk;
    record.isBulk = false;
    heard = true;
  }
  const received = record.bytesRead;
  if (received !== record.receivedBytes) {
    record.receivedBytes = received;
    record.lastFrameAt = clock.reached + 1;
    record.lastProgress = record.lastFrameAt;
    record.isInFrame = true;
    record.hasUnsolicited = true;
    heard = true;
  }
  if (heard) {
    record.pingSentAt = -1;
    // It may still wait behind a stream that never ends, and must not be the last one.
    record.unflushed = undefined;
  }
  if (record.policy.application ? applicationTick > 0 || heartbeatTick > 0 : heard) {
    record.reported &= ~Decision.Unresponsive;
  }
  forgetTicks(record);
}

/**
 * Attended time of the last sign of life of the kind that the policy asks for. A message that is under way counts in
 * both kinds for as long as it makes progress: an answer cannot overtake it.
 */
export function lastLife(record: ConnectionRecord): number {
  const { lastProgress } = record;
  if (!record.policy.application) return Math.max(record.lastFrameAt, lastProgress);
  return Math.max(record.lastMessageAt, record.demandedAt, lastProgress);
}

/** Attended time since the last sign of life, also between looks. */
export function silenceOf(record: ConnectionRecord, clock: StallAwareClock): number {
  if (record.bytesRead !== record.receivedBytes) return 0;
  const { frameTick, heartbeatTick, applicationTick } = record;
  const last = Math.max(record.lastFrameAt, record.lastProgress);
  return sinceOf(record, clock, Math.max(frameTick, heartbeatTick, applicationTick), last);
}

/** Attended time since the last message, also between looks. */
export function applicationSilenceOf(record: ConnectionRecord, clock: StallAwareClock): number {
  const { heartbeatTick, applicationTick } = record;
  return sinceOf(record, clock, Math.max(heartbeatTick, applicationTick), record.lastMessageAt);
}

/** Attended time since the last application message, also between looks. */
export function idleOf(record: ConnectionRecord, clock: StallAwareClock): number {
  return sinceOf(record, clock, record.applicationTick, record.lastApplicationAt);
}

function sinceOf(
  { paused }: ConnectionRecord,
  clock: StallAwareClock,
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
  record.frameTick = tick;
  record.heartbeatTick = tick;
  record.applicationTick = tick;
}

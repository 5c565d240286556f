import type { AttendedClock } from './attended-clock.js';
import type { ConnectionRecord } from './connection.record.js';
import { Decision } from './decision.js';
import type { MonitorTime } from './monitor.time.js';

/*
 * What a connection has done since it was looked at: listeners leave the number of a tick, sockets
 * count bytes, and here both become times, always in the peer's favour.
 */

/** All clocks of a connection start from zero, at the next tick. */
export function restartClocks(record: ConnectionRecord, time: MonitorTime): void {
  record.heardTick = 0;
  record.activeTick = 0;
  record.lastHeard = time.now + time.tick;
  record.lastActive = record.lastHeard;
  record.askedAt = -1;
  record.lookedSlot = time.slot;
  record.sentSlot = time.slot;
}

/** We do not read from this connection: its silence is our doing, and its clocks start again. */
export function excuse(record: ConnectionRecord, { now }: MonitorTime): void {
  record.heardTick = 0;
  record.activeTick = 0;
  record.lastHeard = now;
  record.lastActive = now;
  if (record.askedAt >= 0) record.askedAt = now;
}

/** Whether bytes went to the peer since the last look. When exactly is unknown: right after it, at worst. */
export function gatherSent(record: ConnectionRecord): boolean {
  const sent = record.bytesWritten;
  if (sent === record.sentBytes) return false;
  record.sentBytes = sent;
  record.sentSlot = record.lookedSlot;
  return true;
}

/** Whether the peer gave a sign of life since the last look. */
export function gatherHeard(record: ConnectionRecord, { clock }: MonitorTime): boolean {
  let heard = false;
  if (record.activeTick > 0) {
    record.lastActive = clock.after(record.activeTick);
    record.lastHeard = Math.max(record.lastHeard, record.lastActive);
    record.activeTick = 0;
    record.observed &= ~Decision.Idle;
    heard = true;
  }
  if (record.heardTick > 0) {
    record.lastHeard = Math.max(record.lastHeard, clock.after(record.heardTick));
    record.heardTick = 0;
    heard = true;
  }
  const received = record.bytesRead;
  if (received !== record.receivedBytes) {
    record.receivedBytes = received;
    record.lastHeard = clock.now + 1;
    heard = true;
  }
  if (heard) {
    record.askedAt = -1;
    record.observed &= ~Decision.Unresponsive;
  }
  return heard;
}

/** Attended time since the last sign of life, also between looks. */
export function silenceOf(record: ConnectionRecord, clock: AttendedClock): number {
  if (record.paused || record.bytesRead !== record.receivedBytes) return 0;
  const tick = Math.max(record.heardTick, record.activeTick);
  const last = tick > 0 ? Math.max(record.lastHeard, clock.after(tick)) : record.lastHeard;
  return Math.max(0, clock.now - last);
}

/** Attended time since the last application message, also between looks. */
export function idleOf(record: ConnectionRecord, clock: AttendedClock): number {
  if (record.paused) return 0;
  const last = record.activeTick > 0 ? clock.after(record.activeTick) : record.lastActive;
  return Math.max(0, clock.now - last);
}

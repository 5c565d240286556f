import { BLOCKED_CHECK } from './closing.js';
import type { ConnectionRecord } from './connection.record.js';
import type { DetectorTime } from './detector.time.js';
import { deadlineOf, idleDeadlineOf, realDeadlineOf } from './eviction-rules.js';
import { RealDeadline } from './real-deadline.js';
import { TimingWheel } from './timing-wheel.js';

/**
 * Plans the next check of each connection. Connections wait in a timing wheel that turns with stall-adjusted time. A
 * second wheel turns with real time, for deadlines that continue during stalls. So a stall makes no check come early, and
 * its cost does not depend on the number of connections.
 */
export class CheckPlanner {
  private readonly wheel = new TimingWheel<ConnectionRecord>();
  private readonly realWheel = new TimingWheel<RealDeadline<ConnectionRecord>>();

  constructor(private readonly time: DetectorTime) {
    this.realWheel.startAt(time.realSlot);
  }

  /** Expires everything that is due at the current time. */
  advance(): void {
    this.wheel.advance(this.time.slot);
    this.realWheel.advance(this.time.realSlot);
  }

  /** The next connection that is due for a check. */
  nextDue(): ConnectionRecord | undefined {
    const over = this.nextOver()?.owner;
    over?.setDeadlineOver(true);
    return over ?? this.wheel.take();
  }

  /** The next deadline that is over. One beyond the horizon of the wheel has expired early, and waits again. */
  private nextOver(): RealDeadline<ConnectionRecord> | undefined {
    let deadline = this.realWheel.take();
    while (deadline !== undefined && this.time.slotOf(deadline.at) > this.time.realSlot) {
      this.realWheel.place(deadline, this.time.slotOf(deadline.at));
      deadline = this.realWheel.take();
    }
    return deadline;
  }

  /** From now on a tick comes every `tick` ms. `suspects` as for `plan()`. */
  changeTick(tick: number, suspects: number): void {
    const { time, wheel, realWheel } = this;
    const scale = time.tick / tick;
    const [records, deadlines] = [wheel.clear(), realWheel.clear()];
    time.retick(tick);
    wheel.startAt(time.slot);
    realWheel.startAt(time.realSlot);
    for (const record of records) {
      record.rescale(time, scale);
      this.plan(record, suspects);
    }
    for (const deadline of deadlines) realWheel.place(deadline, time.slotOf(deadline.at));
  }

  /**
   * Places a connection at its next check: its phase, or the first deadline before it. In the middle of a message, in
   * either direction, only checks notice progress, so they come often enough to keep the bound of a decision.
   *
   * @param suspects how many connections are suspect
   */
  plan(record: ConnectionRecord, suspects: number): void {
    const { time } = this;
    const { policy, state, paused } = record;
    // A waiting deadline can only have moved to a later time, which is noticed when the old one expires.
    if (record.isDeadlineOver) this.planDeadline(record);
    const tenth = policy.tenthOfTimeout(time.tick);
    let slot = Math.min(record.nextCheck(time), time.slotOf(deadlineOf(record)));
    if (record.isInFrame) slot = Math.min(slot, time.slot + tenth - 1);
    if (record.backlog !== undefined || record.isUnflushed) {
      slot = Math.min(slot, time.slot + Math.min(tenth - 1, Math.floor(BLOCKED_CHECK / time.tick)));
    }
    // Suspects are checked every tick while there are few, so that recovery is noticed at once.
    if (state === 'suspect' && !paused) {
      slot = Math.min(slot, time.slot + Math.min(1 + (suspects >> 10), tenth));
    }
    this.wheel.place(record, slot);
  }

  /** Places a connection at its next deadline in real time, if it has one. */
  planDeadline(record: ConnectionRecord): void {
    record.setDeadlineOver(false);
    const at = realDeadlineOf(record);
    if (record.deadline === undefined && at === Infinity) return;
    const deadline = record.deadline ?? record.setDeadline(new RealDeadline(record));
    if (!deadline.moveTo(at)) return;
    if (at === Infinity) this.realWheel.remove(deadline);
    else this.realWheel.place(deadline, this.time.slotOf(at));
  }

  /**
   * The client answered its ping. An uneventful connection waits for its phase instead of the deadline that the ping
   * set, so that it is checked once per interval.
   */
  planAnswered(record: ConnectionRecord): void {
    if (!record.isUneventful) return;
    const phase = record.nextCheck(this.time);
    this.wheel.postpone(record, Math.min(phase, this.time.slotOf(idleDeadlineOf(record))));
  }

  /** Checks a connection on the next tick, or on this one if it is due. Repeated calls do not postpone the check. */
  checkSoon(record: ConnectionRecord): void {
    if (!record.paused) this.wheel.placeNext(record);
  }

  /** Places a connection that is being closed: only its deadline in real time remains. */
  planOnlyDeadline(record: ConnectionRecord): void {
    this.wheel.remove(record);
    this.planDeadline(record);
  }

  remove(record: ConnectionRecord): void {
    this.wheel.remove(record);
    if (record.deadline !== undefined) this.realWheel.remove(record.deadline);
  }
}

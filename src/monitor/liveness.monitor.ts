import type { AttendedClock } from './attended-clock.js';
import { RealDeadline, type ConnectionRecord } from './connection.record.js';
import { Decision, VERDICTS } from './decision.js';
import {
  applicationSilenceOf,
  excuse,
  gatherBacklog,
  gatherHeard,
  gatherTraffic,
  idleOf,
  lastLife,
  rescale,
  restartClocks,
  silenceOf,
} from './evidence.js';
import { LivenessPolicy } from './liveness.policy.js';
import { MonitorTime } from './monitor.time.js';
import { decideFollowUp, decidePing, nextLook, notePing, noteQuestion } from './ping.schedule.js';
import { TimingWheel } from './timing-wheel.js';
import { deadlineOf, realDeadlineOf, verdictOn } from './verdict.js';

/** How long after a termination it is tried again, should the connection still be there. Milliseconds. */
const TERMINATE_AGAIN = 1_000;

/**
 * The judge. Time goes in, decisions come out: it knows no socket, no timer and no clock.
 *
 * Every connection waits in a timing wheel for its next look. On a look the monitor takes in what
 * the connection has received and sent since, decides, and places it again: at its own phase twice an
 * interval, or earlier where a deadline comes first.
 *
 * That wheel turns with attended time. What is due in real time, whether or not we listen, waits in
 * a second one: so a stall brings nothing forward, and costs the same however many are connected.
 */
export class LivenessMonitor<Connection extends ConnectionRecord = ConnectionRecord> {
  /** How many connections are watched. */
  size = 0;

  private readonly time: MonitorTime;
  private readonly wheel = new TimingWheel<Connection>();
  private readonly realWheel = new TimingWheel<RealDeadline>();
  private suspects = 0;

  constructor(real: number, tick: number = LivenessPolicy.longestTick) {
    this.time = new MonitorTime(real, tick);
    this.realWheel.current = this.time.realSlot;
  }

  /** Milliseconds from tick to tick. */
  get tick(): number {
    return this.time.tick;
  }

  get clock(): AttendedClock {
    return this.time.clock;
  }

  /** Starts to watch a connection that was made at the real time given. */
  add(record: Connection, real: number): void {
    this.size++;
    record.connectedAt = Math.floor(real);
    this.begin(record);
  }

  /** Forgets a connection, which has been added once and is not removed twice. */
  remove(record: Connection): void {
    this.size--;
    this.leaveSuspects(record);
    this.leaveWheels(record);
  }

  /** A frame came that is a sign of life, but no application message, and that nobody had asked for. */
  heard(record: Connection): void {
    record.volunteered = true;
    this.answered(record);
  }

  /** A pong came that was asked for. */
  answered(record: Connection): void {
    if (record.state === 'suspect') this.lookSoon(record);
    record.heardTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** An application message came, or the application vouches for one. */
  active(record: Connection): void {
    if (record.state === 'suspect') this.lookSoon(record);
    record.activeTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** A heartbeat message came: the application speaks, but does nothing. */
  spoke(record: Connection): void {
    if (record.state === 'suspect') this.lookSoon(record);
    record.spokeTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** A ping was handed to the transport. */
  pinged(record: Connection): void {
    notePing(record, this.time);
  }

  /** A ping by message was handed to the transport. */
  questioned(record: Connection): void {
    noteQuestion(record, this.time);
    // A frame may have to follow before the next look that was planned.
    this.plan(record);
  }

  /** No looks until `resume()`. */
  pause(record: Connection): void {
    record.paused = true;
    if (record.state !== 'evicted') this.leaveWheels(record);
  }

  /** All clocks of the connection start from zero. */
  resume(record: Connection): void {
    record.paused = false;
    if (record.state !== 'evicted') this.begin(record);
  }

  /** Another policy holds from now on; nothing that was heard is forgotten. */
  update(record: Connection, policy: LivenessPolicy): void {
    if (policy.maxLifetime !== record.policy.maxLifetime) record.putOff = 0;
    if (policy.application && !record.policy.application) record.demandedAt = this.clock.now;
    record.policy = policy;
    this.planDeadline(record);
    if (record.state !== 'evicted') this.lookSoon(record);
  }

  /** We close this connection; at the real time `closeBy` at the latest it is to be terminated. */
  evicted(record: Connection, closeBy: number): void {
    this.leaveSuspects(record);
    record.state = 'evicted';
    record.closeBy = Math.ceil(closeBy);
    this.wheel.remove(record);
    this.planDeadline(record);
  }

  /** Puts the end of a lifetime that is over off: so many ms from now. */
  putOff(record: Connection, time: number): void {
    const overdue = this.time.real - record.connectedAt - record.lifetime;
    record.putOff += Math.ceil(Math.max(0, overdue) + time);
    this.planDeadline(record);
  }

  /** A tick, at the real time given. Returns how long nobody listened, or 0. Looks are due after it. */
  advance(real: number): number {
    const stall = this.time.advance(real);
    this.wheel.advance(this.time.slot);
    this.realWheel.advance(this.time.realSlot);
    return stall;
  }

  /** The looks of this tick begin, or go on, at the real time given: what came until then came before it. */
  reach(real: number): void {
    this.clock.reach(real);
  }

  /** The timer starts anew at the real time given: what has passed since the last tick does not count. */
  skip(real: number): void {
    this.time.skip(real);
  }

  /** From now on a tick comes every `tick` ms. */
  retick(tick: number): void {
    const scale = this.tick / tick;
    const { time, wheel, realWheel } = this;
    const [records, deadlines] = [wheel.clear(), realWheel.clear()];
    time.retick(tick);
    wheel.current = time.slot;
    realWheel.current = time.realSlot;
    for (const record of records) {
      rescale(record, time, scale);
      this.plan(record);
    }
    for (const deadline of deadlines) realWheel.place(deadline, time.slotOf(deadline.at));
  }

  /** The next connection that is due for a look. */
  due(): Connection | undefined {
    return (this.realWheel.take()?.record as Connection | undefined) ?? this.wheel.take();
  }

  /** Takes in what happened since the last look, decides, and plans the next look. */
  look(record: Connection): number {
    if (record.state === 'evicted') return this.lookAtEvicted(record);
    const { time } = this;
    gatherBacklog(record, time);
    const isDeaf = record.isReadingPaused;
    if (isDeaf) excuse(record, time);
    else gatherHeard(record, time);
    const bothWays = gatherTraffic(record, time);
    let decision = isDeaf ? Decision.None : this.judge(record);
    if ((decision & VERDICTS) === 0 || record.policy.observeOnly) {
      decision |= decidePing(record, time, bothWays) | decideFollowUp(record, time);
    }
    record.lookedSlot = time.slot;
    this.plan(record);
    return decision;
  }

  /** Attended time since the last sign of life. */
  silence(record: Connection): number {
    return silenceOf(record, this.clock);
  }

  /** Attended time since the last message of any kind. */
  applicationSilence(record: Connection): number {
    return applicationSilenceOf(record, this.clock);
  }

  /** Attended time since the last application message. */
  idle(record: Connection): number {
    return idleOf(record, this.clock);
  }

  /** All clocks of the connection start from zero, and its looks begin. */
  private begin(record: Connection): void {
    restartClocks(record, this.time);
    this.planDeadline(record);
    this.plan(record);
  }

  private judge(record: Connection): number {
    const { policy } = record;
    const silence = this.clock.now - lastLife(record);
    let decision: number = Decision.None;
    if (record.state === 'suspect' && silence < policy.suspectAfter) {
      this.leaveSuspects(record);
      decision |= Decision.Recovered;
    } else if (record.state === 'alive' && silence >= policy.suspectAfter) {
      record.state = 'suspect';
      this.suspects++;
      decision |= Decision.Suspect;
    }
    const verdict = verdictOn(record, this.time, silence);
    if (policy.observeOnly) record.observed |= verdict;
    return decision | verdict;
  }

  private lookAtEvicted(record: Connection): number {
    const isOver = this.time.real >= record.closeBy;
    if (isOver) record.closeBy = this.time.real + TERMINATE_AGAIN;
    this.planDeadline(record);
    return isOver ? Decision.Terminate : Decision.None;
  }

  /**
   * Places the record at its next look: its phase, or the first deadline that comes before. In the middle of a
   * frame only looks hear the peer, so they come often enough to keep the bound of the verdict.
   */
  private plan(record: Connection): void {
    const { time, wheel } = this;
    // A deadline that waits can only have become later since, which is found out when it comes.
    if (record.deadline?.isOver === true) this.planDeadline(record);
    let slot = Math.min(nextLook(record, time), time.slotOf(deadlineOf(record, time)));
    if (record.isInFrame) slot = Math.min(slot, time.slot + this.tenthOf(record) - 1);
    if (record.state === 'suspect') slot = Math.min(slot, time.slot + this.suspectSlots(record));
    wheel.place(record, slot);
  }

  /** Places the record at its next deadline in real time, if it has one. */
  private planDeadline(record: Connection): void {
    const at = realDeadlineOf(record);
    if (record.deadline === undefined && at === Infinity) return;
    const deadline = (record.deadline ??= new RealDeadline(record));
    if (deadline.at === at && deadline.isWaiting) return;
    deadline.at = at;
    if (at === Infinity) this.realWheel.remove(deadline);
    else this.realWheel.place(deadline, this.time.slotOf(at));
  }

  /** Suspects are looked at every tick while there are few, so that recovery is seen at once. */
  private suspectSlots(record: Connection): number {
    return Math.min(1 + (this.suspects >> 10), this.tenthOf(record));
  }

  /** The slots of a tenth of the timeout, at least one. */
  private tenthOf({ policy }: Connection): number {
    return Math.max(1, Math.floor(policy.timeout / 10 / this.tick));
  }

  /** With the next tick, or this one where it is due already: whoever is hurried in every tick gets a turn, too. */
  private lookSoon(record: Connection): void {
    if (!record.paused) this.wheel.hurry(record);
  }

  private leaveWheels(record: Connection): void {
    this.wheel.remove(record);
    if (record.deadline !== undefined) this.realWheel.remove(record.deadline);
  }

  private leaveSuspects(record: Connection): void {
    if (record.state !== 'suspect') return;
    record.state = 'alive';
    this.suspects--;
  }
}

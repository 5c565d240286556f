import type { StallAwareClock } from './stall-aware-clock.js';
import { Closing, RealDeadline, type ConnectionRecord } from './connection.record.js';
import { Decision, EVICTIONS } from './decision.js';
import {
  applicationSilenceOf,
  resetIdleClocks,
  collectOutbound,
  collectInbound,
  collectTraffic,
  noteUnflushed,
  idleOf,
  lastLife,
  rescale,
  restartClocks,
  silenceOf,
} from './activity.js';
import { DetectorPolicy } from './detector.policy.js';
import { DetectorTime } from './detector.time.js';
import {
  decideFollowUp,
  decidePing,
  nextCheck,
  notePing,
  noteMessagePing,
} from './ping.schedule.js';
import { TimingWheel } from './timing-wheel.js';
import { deadlineOf, realDeadlineOf, evictionOf } from './eviction-rules.js';

/** How long after a termination it is tried again, should the connection still be there. Milliseconds. */
const TERMINATE_AGAIN = 1_000;
/** Bytes of a long message: one that may take longer to arrive than the time between two looks. */
const BULK = 16_384;
/** How often a connection is looked at, at least, while bytes wait in its socket. Milliseconds. */
const BLOCKED_CHECK = 1_000;

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
export class FailureDetector<Connection extends ConnectionRecord = ConnectionRecord> {
  /** How many connections are watched. */
  size = 0;

  private readonly time: DetectorTime;
  private readonly wheel = new TimingWheel<Connection>();
  private readonly realWheel = new TimingWheel<RealDeadline>();
  private suspects = 0;

  constructor(real: number, tick: number = DetectorPolicy.longestTick) {
    this.time = new DetectorTime(real, tick);
    this.realWheel.current = this.time.realSlot;
  }

  /** Milliseconds from tick to tick. */
  get tick(): number {
    return this.time.tick;
  }

  get clock(): StallAwareClock {
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
  onFrame(record: Connection): void {
    record.hasUnsolicited = true;
    this.onPong(record);
  }

  /** A pong came that was asked for. */
  onPong(record: Connection): void {
    if (record.state === 'suspect') this.checkSoon(record);
    record.frameTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** An application message came, or the application vouches for one. */
  onApplicationMessage(record: Connection): void {
    if (record.state === 'suspect') this.checkSoon(record);
    record.applicationTick = this.clock.ticks;
    const received = record.bytesRead;
    if (received - record.receivedBytes >= BULK) record.isBulk = true;
    record.receivedBytes = received;
  }

  /** A heartbeat message came: the application speaks, but does nothing. */
  onHeartbeatMessage(record: Connection): void {
    if (record.state === 'suspect') this.checkSoon(record);
    record.heartbeatTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** A ping was handed to the transport. */
  onPingSent(record: Connection): void {
    const { isFlushed } = record;
    notePing(record, this.time, isFlushed);
    if (isFlushed) return;
    noteUnflushed(record, this.time);
    this.plan(record);
  }

  /** A ping by message was handed to the transport. */
  onMessagePingSent(record: Connection): void {
    const { isFlushed } = record;
    noteMessagePing(record, this.time, isFlushed);
    if (!isFlushed) noteUnflushed(record, this.time);
    // A frame may have to follow before the next look that was planned.
    this.plan(record);
  }

  /** Nothing is decided about the connection until `resume()`; only its end is noticed. */
  pause(record: Connection): void {
    record.paused = true;
    this.planDeadline(record);
  }

  /** All clocks of the connection start from zero. */
  resume(record: Connection): void {
    record.paused = false;
    if (record.closing === undefined) this.begin(record);
  }

  /** Another policy holds from now on; nothing that was heard is forgotten. */
  update(record: Connection, policy: DetectorPolicy): void {
    if (policy.maxLifetime !== record.policy.maxLifetime) record.lifetimeExtension = 0;
    if (policy.application && !record.policy.application) record.demandedAt = this.clock.now;
    record.policy = policy;
    this.planDeadline(record);
    if (record.closing === undefined) this.checkSoon(record);
  }

  /** We close this connection, or terminate it, at the real time given. */
  onEvicted(record: Connection, real: number, isTerminated: boolean): void {
    this.leaveSuspects(record);
    record.state = 'evicted';
    const patience = isTerminated ? TERMINATE_AGAIN : record.policy.closeTimeout;
    this.close(record, Math.ceil(real + patience)).isTerminated = isTerminated;
  }

  /** The close frame was handed to the transport: what the kernel takes from now on is progress. */
  onCloseFrameSent(record: Connection): void {
    if (record.closing === undefined) return;
    record.closing.flushedBytes = record.bytesFlushed;
    this.planClosing(record, record.closing);
  }

  /** Puts the end of a lifetime that is over off: so many ms from now. */
  extendLifetime(record: Connection, time: number): void {
    const overdue = this.time.real - record.connectedAt - record.lifetime;
    record.lifetimeExtension += Math.ceil(Math.max(0, overdue) + time);
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
  continueTick(real: number): void {
    this.time.reach(real);
  }

  /** The timer starts anew at the real time given: what has passed since the last tick does not count. */
  skip(real: number): void {
    this.time.skip(real);
  }

  /** From now on a tick comes every `tick` ms. */
  changeTick(tick: number): void {
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
  nextDue(): Connection | undefined {
    return (this.realWheel.take()?.record as Connection | undefined) ?? this.wheel.take();
  }

  /** Takes in what happened since the last look, decides, and plans the next look. */
  check(record: Connection): number {
    const { time } = this;
    if (!record.isOpen || record.closing !== undefined) {
      const by = time.realReached + record.policy.closeTimeout;
      return this.checkClosing(record, record.closing ?? this.close(record, by));
    }
    if (record.paused) {
      this.plan(record);
      return Decision.None;
    }
    collectOutbound(record, time);
    const isDeaf = record.isReadingPaused;
    if (isDeaf) resetIdleClocks(record, time);
    else collectInbound(record, time);
    const bothWays = collectTraffic(record, time);
    let decision = this.evaluate(record, isDeaf);
    if ((decision & EVICTIONS) === 0 || record.policy.dryRun) {
      decision |= decidePing(record, time, bothWays) | decideFollowUp(record, time);
    }
    record.checkedSlot = time.slot;
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
    collectOutbound(record, this.time);
    this.planDeadline(record);
    this.plan(record);
  }

  /** `isDeaf`: we do not read from the connection, so its silence says nothing, and its state stays. */
  private evaluate(record: Connection, isDeaf: boolean): number {
    const { policy } = record;
    const silence = this.clock.now - lastLife(record);
    let decision: number = Decision.None;
    if (isDeaf) {
      // Only what does not depend on the peer being heard.
    } else if (record.state === 'suspect' && silence < policy.suspectAfter) {
      this.leaveSuspects(record);
      decision |= Decision.Recovered;
    } else if (record.state === 'alive' && silence >= policy.suspectAfter) {
      record.state = 'suspect';
      this.suspects++;
      decision |= Decision.Suspect;
    }
    const verdict = evictionOf(record, this.time, silence);
    if (policy.dryRun) record.reported |= verdict;
    return decision | verdict;
  }

  /** The connection is being closed, and is to be terminated at the real time `by`, unless it makes progress. */
  private close(record: Connection, by: number): Closing {
    record.closing = new Closing(record.bytesFlushed, by);
    this.wheel.remove(record);
    this.planDeadline(record);
    return record.closing;
  }

  /** It ends by itself, or is terminated once the kernel took none of our bytes for `closeTimeout`. */
  private checkClosing(record: Connection, closing: Closing): number {
    const { real } = this.time;
    const { closeTimeout } = record.policy;
    const { bytesFlushed } = record;
    let decision: number = record.isClosed ? Decision.Release : Decision.None;
    if (!closing.isTerminated && bytesFlushed > closing.flushedBytes) {
      // It may have been taken this very moment, long after the tick.
      closing.by = this.time.realReached + closeTimeout;
    }
    closing.flushedBytes = bytesFlushed;
    if (decision === Decision.None && real >= closing.by) {
      // One that cannot be terminated is forgotten all the same.
      decision = Decision.Terminate | (closing.isTerminated ? Decision.Release : Decision.None);
      closing.isTerminated = true;
      closing.by = real + TERMINATE_AGAIN;
    }
    this.planClosing(record, closing);
    return decision;
  }

  /** While bytes wait, the connection is looked at often enough to see soon that some were taken. */
  private planClosing(record: Connection, closing: Closing): void {
    const soon = Math.min(BLOCKED_CHECK, Math.ceil(record.policy.closeTimeout / 4));
    closing.checkAt = record.isFlushed ? closing.by : Math.min(closing.by, this.time.real + soon);
    this.planDeadline(record);
  }

  /**
   * Places the record at its next look: its phase, or the first deadline that comes before. In the middle of a
   * message, in either direction, only looks see progress, so they come often enough to keep the bound of the verdict.
   */
  private plan(record: Connection): void {
    const { time, wheel } = this;
    // A deadline that waits can only have become later since, which is found out when it comes.
    if (record.deadline?.isOver === true) this.planDeadline(record);
    let slot = Math.min(nextCheck(record, time), time.slotOf(deadlineOf(record)));
    if (record.isInFrame) slot = Math.min(slot, time.slot + this.tenthOf(record) - 1);
    if (record.backlog !== undefined || record.unflushed !== undefined) {
      const blocked = Math.min(this.tenthOf(record) - 1, Math.floor(BLOCKED_CHECK / time.tick));
      slot = Math.min(slot, time.slot + blocked);
    }
    if (record.state === 'suspect' && !record.paused)
      slot = Math.min(slot, time.slot + this.suspectSlots(record));
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
  private checkSoon(record: Connection): void {
    if (!record.paused) this.wheel.placeNext(record);
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

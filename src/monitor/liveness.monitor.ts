import { AttendedClock } from './attended-clock.js';
import type { ConnectionRecord } from './connection.record.js';
import { LivenessPolicy } from './liveness.policy.js';
import { TimingWheel } from './timing-wheel.js';

/** What a look asks for, as bits, since one look can ask for several things. */
export const Decision = {
  None: 0,
  /** Ask the peer: one direction would be silent for too long before the next look. */
  Ping: 1,
  /** Traffic in both directions made the ping of this interval needless. */
  Suppressed: 2,
  Suspect: 4,
  Recovered: 8,
  Unresponsive: 16,
  Unadmitted: 32,
  Expired: 64,
  Idle: 128,
  /** The peer did not answer our close frame in time. */
  Terminate: 256,
} as const;

/** The decisions that end a connection. */
export const VERDICTS =
  Decision.Unresponsive | Decision.Unadmitted | Decision.Expired | Decision.Idle;

/**
 * The judge. Time goes in, decisions come out: it knows no socket, no timer and no clock.
 *
 * Every connection waits in one timing wheel for its next look. On a look the monitor takes in what
 * the connection has received and sent since, decides, and places it again: at its own phase twice an
 * interval, or earlier where a deadline comes first.
 */
export class LivenessMonitor<Connection extends ConnectionRecord = ConnectionRecord> {
  readonly clock: AttendedClock;
  /** Milliseconds from tick to tick. */
  tick: number;

  private readonly records = new Set<Connection>();
  private wheel = new TimingWheel<Connection>();
  private real: number;
  private suspects = 0;

  constructor(real: number, tick: number = LivenessPolicy.longestTick) {
    this.real = Math.floor(real);
    this.tick = tick;
    this.clock = new AttendedClock(this.real, tick);
  }

  get size(): number {
    return this.records.size;
  }

  /** Starts to watch a connection that was made at the real time given. */
  add(record: Connection, real: number): void {
    this.records.add(record);
    record.connectedAt = Math.floor(real);
    record.receivedBytes = record.bytesRead;
    record.sentBytes = record.bytesWritten;
    this.restart(record);
    this.plan(record);
  }

  /** Forgets a connection. */
  remove(record: Connection): void {
    if (!this.records.delete(record)) return;
    this.leaveSuspects(record);
    this.wheel.remove(record);
  }

  /** A frame came that is a sign of life, but no application message. */
  heard(record: Connection): void {
    if (record.state === 'suspect') this.hurry(record);
    record.heardTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** An application message came, or the application vouches for one. */
  active(record: Connection): void {
    if (record.state === 'suspect') this.hurry(record);
    record.activeTick = this.clock.ticks;
    record.receivedBytes = record.bytesRead;
  }

  /** A ping was handed to the transport. */
  pinged(record: Connection): void {
    if (record.askedAt < 0) record.askedAt = this.clock.now;
    record.sentBytes = record.bytesWritten;
    record.sentSlot = this.nextLook(record) - record.policy.halfInterval(this.tick);
  }

  pause(record: Connection): void {
    record.paused = true;
    if (record.state !== 'evicted') this.wheel.remove(record);
  }

  /** All clocks of the connection start from zero. */
  resume(record: Connection): void {
    record.paused = false;
    if (record.state === 'evicted') return;
    this.restart(record);
    this.plan(record);
  }

  /** Another policy holds from now on; nothing that was heard is forgotten. */
  update(record: Connection, policy: LivenessPolicy): void {
    record.policy = policy;
    if (!record.paused && record.state !== 'evicted') this.lookSoon(record);
  }

  /** We close this connection; at the real time `closeBy` at the latest it is to be terminated. */
  evicted(record: Connection, closeBy: number): void {
    this.leaveSuspects(record);
    record.state = 'evicted';
    record.closeBy = Math.floor(closeBy);
    this.plan(record);
  }

  /** A tick, at the real time given. Returns how long nobody listened, or 0. Looks are due after it. */
  advance(real: number): number {
    const stall = this.clock.advance(real);
    this.real = Math.max(this.real, Math.floor(real));
    this.wheel.advance(Math.floor(this.clock.now / this.tick));
    return stall;
  }

  /** The timer starts anew at the real time given: what has passed since the last tick does not count. */
  skip(real: number): void {
    this.clock.skip(real);
    this.real = Math.max(this.real, Math.floor(real));
  }

  /** The next connection that is due for a look. */
  due(): Connection | undefined {
    return this.wheel.take();
  }

  /** From now on a tick comes every `tick` ms. */
  retick(tick: number): void {
    const scale = this.tick / tick;
    this.tick = tick;
    this.clock.retick(tick);
    this.wheel = new TimingWheel();
    this.wheel.current = Math.floor(this.clock.now / tick);
    for (const record of this.records) {
      record.unlink();
      record.lookedSlot = Math.floor(record.lookedSlot * scale);
      record.sentSlot = Math.floor(record.sentSlot * scale);
      if (!record.paused || record.state === 'evicted') this.plan(record);
    }
  }

  /** Takes in what happened since the last look, decides, and plans the next look. */
  look(record: Connection): number {
    if (record.state === 'evicted') return this.lookAtEvicted(record);
    const sent = this.gatherSent(record);
    const isDeaf = record.isReadingPaused;
    if (isDeaf) this.excuse(record);
    const heard = isDeaf || this.gatherHeard(record);
    let decision = isDeaf ? Decision.None : this.judge(record);
    if ((decision & VERDICTS) === 0 || record.policy.observeOnly) {
      decision |= this.decidePing(record, sent && heard);
    }
    record.lookedSlot = this.wheel.current;
    this.plan(record);
    return decision;
  }

  /** Attended time since the last sign of life. */
  silence(record: Connection): number {
    if (record.paused || record.bytesRead !== record.receivedBytes) return 0;
    const found = Math.max(record.heardTick, record.activeTick);
    const last = found > 0 ? Math.max(record.lastHeard, this.clock.after(found)) : record.lastHeard;
    return Math.max(0, this.clock.now - last);
  }

  /** Attended time since the last application message. */
  idle(record: Connection): number {
    if (record.paused) return 0;
    const { activeTick } = record;
    const last = activeTick > 0 ? this.clock.after(activeTick) : record.lastActive;
    return Math.max(0, this.clock.now - last);
  }

  private restart(record: Connection): void {
    record.heardTick = 0;
    record.activeTick = 0;
    record.lastHeard = this.clock.now + this.tick;
    record.lastActive = record.lastHeard;
    record.askedAt = -1;
    record.lookedSlot = this.wheel.current;
    record.sentSlot = this.wheel.current;
  }

  /** Whether bytes went to the peer since the last look. When exactly is unknown: right after it, at worst. */
  private gatherSent(record: Connection): boolean {
    const sent = record.bytesWritten;
    if (sent === record.sentBytes) return false;
    record.sentBytes = sent;
    record.sentSlot = record.lookedSlot;
    return true;
  }

  /** We do not read from this connection: its silence is our doing, and its clocks start again. */
  private excuse(record: Connection): void {
    const { now } = this.clock;
    record.heardTick = 0;
    record.activeTick = 0;
    record.lastHeard = now;
    record.lastActive = now;
    if (record.askedAt >= 0) record.askedAt = now;
  }

  /** Whether the peer gave a sign of life since the last look. */
  private gatherHeard(record: Connection): boolean {
    const { clock } = this;
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

  private judge(record: Connection): number {
    const { policy } = record;
    const silence = this.clock.now - record.lastHeard;
    let decision: number = Decision.None;
    if (record.state === 'suspect' && silence < policy.suspectAfter) {
      this.leaveSuspects(record);
      decision |= Decision.Recovered;
    } else if (record.state === 'alive' && silence >= policy.suspectAfter) {
      record.state = 'suspect';
      this.suspects++;
      decision |= Decision.Suspect;
    }
    const verdict = this.verdict(record, silence) & ~record.observed;
    if (policy.observeOnly) record.observed |= verdict;
    return decision | verdict;
  }

  private verdict(record: Connection, silence: number): number {
    const { policy } = record;
    if (!record.isOpen) return Decision.None;
    if (silence >= policy.timeout && this.clock.now >= this.answerDue(record)) {
      return Decision.Unresponsive;
    }
    const age = this.real - record.connectedAt;
    if (!record.admitted && age >= policy.admissionTimeout) return Decision.Unadmitted;
    if (age >= record.lifetime) return Decision.Expired;
    if (this.clock.now - record.lastActive >= policy.idleTimeout) return Decision.Idle;
    return Decision.None;
  }

  /** Attended time until which an unanswered ping must be waited for. */
  private answerDue(record: Connection): number {
    return record.askedAt < 0 ? Infinity : record.askedAt + record.policy.askedFor;
  }

  private decidePing(record: Connection, bothWays: boolean): number {
    const { policy } = record;
    if (!record.isOpen) return Decision.None;
    const slot = this.wheel.current;
    const interval = 2 * policy.halfInterval(this.tick);
    const inPhase = slot - record.lookedSlot > interval - this.slotsToPhase(record, slot, interval);
    const heardSlot = Math.floor(record.lastHeard / this.tick);
    const needed = this.nextLook(record) - Math.min(record.sentSlot, heardSlot) > interval;
    const unasked = record.askedAt < 0 && this.clock.now - record.lastHeard >= policy.interval;
    if (needed || unasked || (inPhase && record.outOfPhase && !bothWays)) {
      record.outOfPhase = !inPhase;
      return Decision.Ping;
    }
    return inPhase ? Decision.Suppressed : Decision.None;
  }

  /** The slot of the next regular look at this connection. */
  private nextLook(record: Connection): number {
    const slot = this.wheel.current;
    return slot + this.slotsToPhase(record, slot, record.policy.halfInterval(this.tick));
  }

  /** How many slots after `slot`, at least one, this connection's phase comes round in a cycle of `cycle` slots. */
  private slotsToPhase(record: Connection, slot: number, cycle: number): number {
    const own = Math.floor(record.phase * 2 * record.policy.halfInterval(this.tick));
    return cycle - ((((slot - own) % cycle) + cycle) % cycle);
  }

  /** A suspect spoke: the next tick clears it. Only its first word counts, or a talkative one never got its turn. */
  private hurry(record: Connection): void {
    if (record.heardTick === 0 && record.activeTick === 0) this.lookSoon(record);
  }

  private lookSoon(record: Connection): void {
    this.wheel.place(record, this.wheel.current + 1);
  }

  /** Places the record at its next look: its phase, or the first deadline that comes before. */
  private plan(record: Connection): void {
    const { wheel } = this;
    if (record.state === 'evicted') {
      wheel.place(record, this.slotOf(this.clock.now + record.closeBy - this.real));
      return;
    }
    wheel.place(record, Math.min(this.nextLook(record), this.slotOf(this.deadline(record))));
  }

  /** Attended time of the first moment at which something is to be decided about this connection. */
  private deadline(record: Connection): number {
    const { policy, observed } = record;
    if (!record.isOpen) return Infinity;
    const toAttended = this.clock.now - this.real + record.connectedAt;
    let first = Infinity;
    if (record.state === 'alive') first = record.lastHeard + policy.suspectAfter;
    else if ((observed & Decision.Unresponsive) === 0) {
      first = Math.max(record.lastHeard + policy.timeout, this.answerDue(record));
    }
    if (record.state === 'suspect')
      first = Math.min(first, this.clock.now + this.suspectLook(record));
    if ((observed & Decision.Idle) === 0)
      first = Math.min(first, record.lastActive + policy.idleTimeout);
    if ((observed & Decision.Expired) === 0) first = Math.min(first, toAttended + record.lifetime);
    if (!record.admitted && (observed & Decision.Unadmitted) === 0) {
      first = Math.min(first, toAttended + policy.admissionTimeout);
    }
    return first;
  }

  /** Suspects are looked at every tick while there are few, so that recovery is seen at once. */
  private suspectLook(record: Connection): number {
    const every = (1 + (this.suspects >> 10)) * this.tick;
    return Math.min(every, record.policy.timeout / 10);
  }

  private slotOf(attended: number): number {
    return Math.ceil(attended / this.tick);
  }

  private lookAtEvicted(record: Connection): number {
    if (this.real >= record.closeBy) {
      record.closeBy = this.real + 1_000;
      this.plan(record);
      return Decision.Terminate;
    }
    this.plan(record);
    return Decision.None;
  }

  private leaveSuspects(record: Connection): void {
    if (record.state !== 'suspect') return;
    record.state = 'alive';
    this.suspects--;
  }
}

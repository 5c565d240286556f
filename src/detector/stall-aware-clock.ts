/** How many past ticks `after()` can still resolve. A connection is looked at more often than that. */
const HISTORY = 1024;

/**
 * A clock that runs only while this process listens.
 *
 * It is told the real time once a tick and advances by what has passed since the tick before. When
 * far more than a tick has passed, the process was blocked, stopped or suspended: what peers sent
 * meanwhile could not be heard, so only one tick counts. Silence measured on this clock never blames
 * a peer for time in which nobody listened.
 *
 * All times are whole milliseconds.
 */
export class StallAwareClock {
  /** Attended time of the last tick. */
  now = 0;
  /** How many ticks there have been. Messages are stamped with this number. */
  ticks = 1;
  /** Gaps that were too long to count. */
  stalls = 0;
  /** How much later than due the last tick came. */
  delay = 0;

  /** Attended time since the last tick, as far as anybody has said. */
  private lead = 0;

  /**
   * Attended time of each of the last ticks, by tick number. Not in an array of doubles: V8 makes an object of
   * what is read from there, and every connection would keep three of them, 16 bytes each.
   */
  private readonly history = Array.from({ length: HISTORY }, () => 0);

  constructor(
    private real: number,
    private tick: number,
  ) {}

  /** The longest gap between two ticks that still counts as listening. */
  get longestGap(): number {
    return this.tick * 1.25 + 50;
  }

  /** Whether, at the real time given, the next tick is so late that it will be a stall. */
  isStalledAt(real: number): boolean {
    return this.gapAt(real) > this.longestGap;
  }

  /** Counts a tick that happens at the real time given. Returns the length of the stall it ended, or 0. */
  advance(real: number): number {
    const gap = this.gapAt(real);
    const stalled = this.isStalledAt(real);
    this.real += gap;
    this.lead = 0;
    this.now += stalled ? this.tick : gap;
    this.delay = Math.max(0, gap - this.tick);
    this.ticks++;
    this.history[this.ticks % HISTORY] = this.now;
    if (!stalled) return 0;
    this.stalls++;
    return gap;
  }

  /** So far it is by now, between two ticks: what is heard or sent from here on was not before. */
  reach(real: number): void {
    this.lead = this.isStalledAt(real) ? this.tick : Math.max(0, Math.ceil(real - this.real));
  }

  /** The attended time that was reached, between two ticks too. */
  get reached(): number {
    return this.now + this.lead;
  }

  /**
   * The attended time by which something stamped with tick number `ticks` had certainly happened:
   * that of the tick after it, or what was reached if there is none yet, plus the millisecond lost to
   * rounding. Always in the peer's favour.
   */
  after(ticks: number): number {
    if (ticks >= this.ticks) return this.reached + 1;
    const next = Math.max(ticks + 1, this.ticks - HISTORY + 1);
    return (this.history[next % HISTORY] ?? this.now) + 1;
  }

  /** Goes on from the real time given: what has passed until then does not count, and is no stall. */
  skip(real: number): void {
    this.real = Math.max(this.real, Math.floor(real));
  }

  /** From now on a tick comes every `tick` ms. */
  retick(tick: number): void {
    this.tick = tick;
  }

  /** Whole ms since the last tick. They decide, between two ticks too: what is no stall then must not be one before. */
  private gapAt(real: number): number {
    return Math.max(0, Math.floor(real) - this.real);
  }
}

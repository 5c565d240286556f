/** Number of past ticks that `after()` can resolve: twice as many as a connection can wait in the timing wheel. */
const HISTORY = 8_192;

/**
 * A clock of stall-adjusted time, which runs only while the event loop is served.
 *
 * Each tick passes the real time, and the clock advances by the time since the last tick. If that is far more than a
 * tick, the process was blocked, stopped or suspended, and received nothing meanwhile. Then only one tick counts. So
 * stalls of this process do not count towards the timeout of a client.
 *
 * All times are whole milliseconds.
 */
export class StallAwareClock {
  /** Stall-adjusted time of the last tick. */
  now = 0;
  /** The number of ticks so far. Frames are stamped with it. */
  ticks = 1;
  /** The number of stalls: gaps between two ticks that were too long to count. */
  stalls = 0;
  /** Their total length in ms. */
  stalledFor = 0;
  /** The delay of the last tick. */
  delay = 0;

  /** Stall-adjusted time between the last tick and the last call of `reach()`. */
  private lead = 0;

  /**
   * Stall-adjusted time of each of the last ticks, by tick number. Not an array of doubles: V8 allocates an object for
   * each value that is read from one, and every connection would keep three of them, 16 bytes each.
   */
  private readonly history = Array.from({ length: HISTORY }, () => 0);

  constructor(
    private real: number,
    private tick: number,
  ) {}

  /** The longest gap between two ticks that is no stall. */
  get longestGap(): number {
    return this.tick * 1.25 + 50;
  }

  /** Whether a tick at a real time would end a stall. */
  isStalledAt(real: number): boolean {
    return this.gapAt(real) > this.longestGap;
  }

  /** Counts a tick at a real time. Returns the length of the stall that it ended, or 0. */
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
    this.stalledFor += gap;
    return gap;
  }

  /** Sets the time between two ticks: what is received or sent from now on is not earlier. */
  reach(real: number): void {
    this.lead = this.isStalledAt(real) ? this.tick : Math.max(0, Math.ceil(real - this.real));
  }

  /** Stall-adjusted time of the last tick or of the last call of `reach()`, whichever is later. */
  get reached(): number {
    return this.now + this.lead;
  }

  /**
   * The latest stall-adjusted time at which an event stamped with tick number `ticks` can have happened. That is the
   * time of the next tick, or `reached` if there is none yet, plus the millisecond lost to rounding. It is always in the
   * client's favour.
   */
  after(ticks: number): number {
    if (ticks >= this.ticks) return this.reached + 1;
    const next = Math.max(ticks + 1, this.ticks - HISTORY + 1);
    return (this.history[next % HISTORY] ?? this.now) + 1;
  }

  /** Continues at a real time. The time since the last tick does not count, and is no stall. */
  skip(real: number): void {
    this.real = Math.max(this.real, Math.floor(real));
  }

  /** From now on a tick comes every `tick` ms. */
  retick(tick: number): void {
    this.tick = tick;
  }

  /** Whole ms from the last tick to a real time. Rounded alike in all methods, so that they agree on what is a stall. */
  private gapAt(real: number): number {
    return Math.max(0, Math.floor(real) - this.real);
  }
}

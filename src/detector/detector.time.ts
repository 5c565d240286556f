import { StallAwareClock } from './stall-aware-clock.js';

/** All kinds of time that a check compares, as of the last tick. */
export class DetectorTime {
  readonly clock: StallAwareClock;
  /** Real time, whole ms. */
  real: number;
  /** Real time of the last tick or of the last call of `reach()`: whole ms, rounded up. */
  realReached: number;
  /** The current slot in stall-adjusted time. */
  slot = 0;
  /** The current slot in real time. */
  realSlot: number;

  /** `tick`: ms between two ticks. */
  constructor(
    real: number,
    public tick: number,
  ) {
    this.real = Math.floor(real);
    this.realReached = Math.ceil(real);
    this.realSlot = Math.floor(this.real / tick);
    this.clock = new StallAwareClock(this.real, tick);
  }

  /** Stall-adjusted time, whole ms. */
  get now(): number {
    return this.clock.now;
  }

  /** Counts a tick at a real time. Returns the length of the stall that it ended, or 0. */
  advance(real: number): number {
    const stall = this.clock.advance(real);
    this.realReached = Math.max(this.realReached, Math.ceil(real));
    this.real = Math.max(this.real, Math.floor(real));
    this.count();
    return stall;
  }

  /** Sets the time between two ticks. */
  reach(real: number): void {
    this.clock.reach(real);
    this.realReached = Math.max(this.realReached, Math.ceil(real));
  }

  /** Continues at a real time. The time since the last tick does not count. */
  skip(real: number): void {
    this.clock.skip(real);
    this.real = Math.max(this.real, Math.floor(real));
  }

  /** From now on a tick comes every `tick` ms. */
  retick(tick: number): void {
    this.tick = tick;
    this.clock.retick(tick);
    this.count();
  }

  /** The first slot that is not before a time. */
  slotOf(time: number): number {
    return Math.ceil(time / this.tick);
  }

  private count(): void {
    this.slot = Math.floor(this.now / this.tick);
    this.realSlot = Math.floor(this.real / this.tick);
  }
}

import { StallAwareClock } from './stall-aware-clock.js';

/** Every kind of time that a look compares, as it was at the last tick. */
export class DetectorTime {
  readonly clock: StallAwareClock;
  /** Real time, whole ms. */
  real: number;
  /** Real time by now, between two ticks: whole ms, rounded up. */
  realReached: number;
  /** The slot that attended time has reached, and the one that real time has. */
  slot = 0;
  realSlot: number;

  /** `tick`: ms from tick to tick. */
  constructor(
    real: number,
    public tick: number,
  ) {
    this.real = Math.floor(real);
    this.realReached = Math.ceil(real);
    this.realSlot = Math.floor(this.real / tick);
    this.clock = new StallAwareClock(this.real, tick);
  }

  /** Attended time, whole ms. */
  get now(): number {
    return this.clock.now;
  }

  /** Counts a tick. Returns how long nobody listened, or 0. */
  advance(real: number): number {
    const stall = this.clock.advance(real);
    this.realReached = Math.max(this.realReached, Math.ceil(real));
    this.real = Math.max(this.real, Math.floor(real));
    this.count();
    return stall;
  }

  /** So far it is by now, between two ticks. */
  reach(real: number): void {
    this.clock.reach(real);
    this.realReached = Math.max(this.realReached, Math.ceil(real));
  }

  /** What has passed since the last tick does not count. */
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

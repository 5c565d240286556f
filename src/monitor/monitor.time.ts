import { AttendedClock } from './attended-clock.js';

/** Every kind of time that a look compares, as it was at the last tick. */
export class MonitorTime {
  readonly clock: AttendedClock;
  /** Real time, whole ms. */
  real: number;
  /** The slot of the wheel that attended time has reached. */
  slot = 0;

  /** `tick`: ms from tick to tick. */
  constructor(
    real: number,
    public tick: number,
  ) {
    this.real = Math.floor(real);
    this.clock = new AttendedClock(this.real, tick);
  }

  /** Attended time, whole ms. */
  get now(): number {
    return this.clock.now;
  }

  /** Counts a tick. Returns how long nobody listened, or 0. */
  advance(real: number): number {
    const stall = this.clock.advance(real);
    this.real = Math.max(this.real, Math.floor(real));
    this.slot = Math.floor(this.now / this.tick);
    return stall;
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
    this.slot = Math.floor(this.now / tick);
  }

  /** The first slot that is not before an attended time. */
  slotOf(attended: number): number {
    return Math.ceil(attended / this.tick);
  }

  /** The attended time at which a real time will be reached, if nothing stalls. */
  attendedAt(real: number): number {
    return this.now + real - this.real;
  }
}

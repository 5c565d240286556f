import type { HeartbeatClock } from '../heartbeat.clock.js';
import { LONGEST_TIMER } from '../heartbeat.constants.js';

/**
 * Counts pending promises of hooks. It keeps no reference to them, so that the memory of a promise that never settles
 * can be reclaimed.
 */
export class PendingHooks {
  count = 0;

  private settled: (() => void) | undefined;

  constructor(private readonly clock: HeartbeatClock) {}

  /** Counts a promise until it is settled. */
  add(promise: Promise<unknown>): void {
    this.count++;
    const settle = () => {
      if (--this.count === 0) this.settled?.();
    };
    promise.then(settle, settle);
  }

  /** Waits until no promise is pending, for at most `time` ms. Resolves with the number of pending promises. */
  async wait(time: number): Promise<number> {
    if (this.count === 0 || time <= 0) return this.count;
    await new Promise<void>((resolve) => {
      const timer = this.clock.setTimeout(resolve, Math.min(time, LONGEST_TIMER));
      this.settled = () => {
        this.clock.clear(timer);
        resolve();
      };
    });
    this.settled = undefined;
    return this.count;
  }
}

import { LONGEST_TIMER } from '../heartbeat.constants.js';

/**
 * Counts promises of hooks that have not settled. It holds none of them, so that a promise that never settles
 * can be collected.
 */
export class PendingHooks {
  count = 0;

  private settled: (() => void) | undefined;

  /** Counts a promise until it is settled. */
  add(promise: Promise<unknown>): void {
    this.count++;
    const settle = () => {
      if (--this.count === 0) this.settled?.();
    };
    promise.then(settle, settle);
  }

  /** Waits until none is pending, at most `time` ms. Resolves with how many still are. */
  async wait(time: number): Promise<number> {
    if (this.count === 0 || time <= 0) return this.count;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(time, LONGEST_TIMER));
      this.settled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.settled = undefined;
    return this.count;
  }
}

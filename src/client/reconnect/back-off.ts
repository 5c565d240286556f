/** When to come back. "Full jitter": any wait is as likely as any other, so that a crowd comes back evenly. */
export class BackOff {
  /** Attempts since the last connection that proved itself. */
  attempt = 0;
  #wake: (() => void) | undefined;
  readonly #base: number;
  readonly #cap: number;

  constructor(base: number, cap: number) {
    this.#base = base;
    this.#cap = cap;
  }

  /** The wait after a connection or an attempt that ended with `code`. */
  next(code: number, wasAnnounced: boolean): number {
    this.attempt++;
    switch (code) {
      // Frozen, or idle: there is nothing to come back for, yet.
      case 4410:
      case 4409:
        return Infinity;
      // Who was given a moment of its own to leave is alone with it.
      case 1012:
        if (wasAnnounced) return 0;
        break;
      // Overloaded: later rather than sooner.
      case 1013:
        return Math.random() * this.#cap;
    }
    return Math.random() * Math.min(this.#cap, this.#base * 2 ** (this.attempt - 1));
  }

  /** Waits, unless it is ended before. */
  wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = delay < Infinity ? setTimeout(() => this.end(), delay) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait. */
  end(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

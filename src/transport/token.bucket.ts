import type { RateLimit } from '../heartbeat.options.js';

/** Counts how often something happens: `rate` times a second for ever, `burst` times at once. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly limit: RateLimit,
    real: number,
  ) {
    this.tokens = limit.burst;
    this.filledAt = real;
  }

  /** Takes a token at the real time given, in ms. Returns whether there was one. */
  take(real: number): boolean {
    const { rate, burst } = this.limit;
    const filled = ((real - this.filledAt) / 1_000) * rate;
    this.tokens = Math.min(burst, this.tokens + filled);
    this.filledAt = real;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}

import type { RateLimit } from '../heartbeat.options.js';

/** A token bucket: allows `rate` events per second on average, and `burst` at once. */
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

  /** Takes a token at a real time in ms. Returns whether there was one. */
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

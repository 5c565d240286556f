import type { HeartbeatLimits } from '../heartbeat.options.js';
import { TokenBucket } from './token.bucket.js';

/** The kinds of frames and messages that are limited. */
export type Counted = 'pings' | 'pongs' | 'messages';

/** Counts what one client sends, against the limits that hold for it. */
export class RateLimits {
  private readonly buckets = new Map<Counted, TokenBucket>();
  private isThrottled = false;

  /** Returns whether reading was throttled before, and remembers that it is from now on. */
  throttle(): boolean {
    const { isThrottled } = this;
    this.isThrottled = true;
    return isThrottled;
  }

  /** Counts one. Returns whether the client may send so many. `real`: real time in ms. */
  take(kind: Counted, limits: HeartbeatLimits, real: number): boolean {
    const limit = limits[kind];
    if (!limit) return true;
    let bucket = this.buckets.get(kind);
    if (bucket === undefined) {
      bucket = new TokenBucket(limit, real);
      this.buckets.set(kind, bucket);
    }
    return bucket.take(real);
  }
}

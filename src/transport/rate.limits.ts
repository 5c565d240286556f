import type { HeartbeatLimits } from '../heartbeat.options.js';
import { TokenBucket } from './token.bucket.js';

/** The kinds of frames and messages that are limited. */
export type Counted = 'pings' | 'pongs' | 'messages';

/** Counts frames and messages of one client against its limits. */
export class RateLimits {
  private readonly buckets = new Map<Counted, TokenBucket>();
  private isThrottled = false;

  /** Marks reading as throttled. Returns whether it was throttled before. */
  throttle(): boolean {
    const { isThrottled } = this;
    this.isThrottled = true;
    return isThrottled;
  }

  /** Counts one frame or message. Returns whether it is within the limit. `real`: real time in ms. */
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

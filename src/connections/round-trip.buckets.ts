import type { RoundTripBuckets as BucketCounts } from '../heartbeat.snapshot.interfaces.js';

/** Upper limits in ms. The last bucket has none. */
const UP_TO = Object.freeze([1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]);

/** Counts round-trip times in fixed buckets. */
export class RoundTripBuckets {
  private readonly counts = Array.from({ length: UP_TO.length + 1 }, () => 0);
  private sum = 0;

  /** Counts a round trip, in ms. */
  add(duration: number): void {
    let bucket = 0;
    while (duration > (UP_TO[bucket] ?? Infinity)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += duration;
  }

  snapshot(): BucketCounts {
    return Object.freeze({
      upTo: UP_TO,
      counts: Object.freeze([...this.counts]),
      sum: this.sum,
    });
  }
}

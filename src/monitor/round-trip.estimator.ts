/** Round-trip times of one connection, smoothed as TCP does it (RFC 6298, section 2). Milliseconds. */
export class RoundTripEstimator {
  last: number;
  smoothed: number;
  variation: number;
  min: number;

  constructor(first: number) {
    this.last = first;
    this.smoothed = first;
    this.variation = first / 2;
    this.min = first;
  }

  add(sample: number): void {
    this.last = sample;
    this.variation += (Math.abs(this.smoothed - sample) - this.variation) / 4;
    this.smoothed += (sample - this.smoothed) / 8;
    this.min = Math.min(this.min, sample);
  }
}

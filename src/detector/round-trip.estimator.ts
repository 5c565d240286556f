/** Units per millisecond. Values are whole units: V8 stores a fraction in a separate object, and four cost 64 bytes. */
const UNITS = 100_000;

/** Round-trip times of one connection, smoothed as TCP does it (RFC 6298, section 2). Milliseconds, to five digits. */
export class RoundTripEstimator {
  private lastUnits: number;
  private smoothedUnits: number;
  /** In half units, because the first value is half a sample. */
  private variationHalves: number;
  private minUnits: number;

  constructor(first: number) {
    const units = Math.round(first * UNITS);
    this.lastUnits = units;
    this.smoothedUnits = units;
    this.variationHalves = units;
    this.minUnits = units;
  }

  get last(): number {
    return this.lastUnits / UNITS;
  }

  get smoothed(): number {
    return this.smoothedUnits / UNITS;
  }

  get variation(): number {
    return this.variationHalves / 2 / UNITS;
  }

  get min(): number {
    return this.minUnits / UNITS;
  }

  add(sample: number): void {
    const units = Math.round(sample * UNITS);
    const deviation = Math.abs(this.smoothedUnits - units);
    this.lastUnits = units;
    this.variationHalves += Math.round((2 * deviation - this.variationHalves) / 4);
    this.smoothedUnits += Math.round((units - this.smoothedUnits) / 8);
    this.minUnits = Math.min(this.minUnits, units);
  }
}

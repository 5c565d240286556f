import type { RoundTripTimes } from '../heartbeat.interfaces.js';
import { ConnectionRecord } from '../detector/connection.record.js';
import type { DetectorPolicy } from '../detector/detector.policy.js';

/** Units per millisecond. Values are whole units: V8 stores a fraction in a separate object, and four cost 64 bytes. */
const UNITS = 100_000;
/** A time or duration that is unknown. */
const NONE = -1;

/** Round-trip times of one connection, smoothed as TCP does it (RFC 6298, section 2). Milliseconds, to five digits. */
export abstract class MeasuredConnection<
  Policy extends DetectorPolicy = DetectorPolicy,
> extends ConnectionRecord<Policy> {
  /** Real time, whole ms, of the last proven round trip; -1: none. */
  private lastProof = NONE;
  /** The last round trip, in units; -1: none. */
  private lastUnits = NONE;
  private smoothedUnits = 0;
  /** In half units, because the first value is half a sample. */
  private variationHalves = 0;
  private minUnits = 0;

  /** The round-trip times; `undefined` before the first. */
  get roundTrip(): RoundTripTimes | undefined {
    if (this.lastUnits === NONE) return undefined;
    return Object.freeze({
      last: this.lastUnits / UNITS,
      smoothed: this.smoothedUnits / UNITS,
      variation: this.variationHalves / 2 / UNITS,
      min: this.minUnits / UNITS,
    });
  }

  /** The smoothed round-trip time in ms; `undefined` before the first. */
  get smoothedRtt(): number | undefined {
    return this.lastUnits === NONE ? undefined : this.smoothedUnits / UNITS;
  }

  /** Real ms since the last proven round trip; Infinity before the first. */
  provenSince(real: number): number {
    return this.lastProof === NONE ? Infinity : real - this.lastProof;
  }

  /** A round trip ended at a real time. Returns its duration in ms, rounded as it is stored; NaN if it is unknown. */
  onRoundTrip(duration: number, real: number): number {
    this.lastProof = Math.floor(real);
    if (Number.isNaN(duration)) return NaN;
    const units = Math.round(duration * UNITS);
    if (this.lastUnits === NONE) this.startWith(units);
    else this.add(units);
    this.lastUnits = units;
    return units / UNITS;
  }

  private startWith(units: number): void {
    this.smoothedUnits = units;
    this.variationHalves = units;
    this.minUnits = units;
  }

  private add(units: number): void {
    const { smoothedUnits, variationHalves } = this;
    const deviation = Math.abs(smoothedUnits - units);
    // Rounded last: a sum with -0, which `Math.round()` returns for small differences, is no whole number for V8.
    this.variationHalves = Math.round(variationHalves + (2 * deviation - variationHalves) / 4);
    this.smoothedUnits = Math.round(smoothedUnits + (units - smoothedUnits) / 8);
    this.minUnits = Math.min(this.minUnits, units);
  }
}

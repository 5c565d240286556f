import type { ClosingAgeCounts } from './dashboard.interfaces.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Upper limits of the buckets, ms. Around 30 s, 60 s and 5 min, where proxies close silent connections by default, narrow
 * buckets show a cut at such a limit.
 */
const UP_TO: readonly number[] = Object.freeze([
  SECOND,
  5 * SECOND,
  15 * SECOND,
  30 * SECOND,
  55 * SECOND,
  65 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  24 * HOUR,
]);

/** Counts connections by the age at which they ended, for the last minutes and the current one. */
export class ClosingAges {
  private readonly complete: number[][] = [];
  private current = emptyCounts();

  /** `kept`: how many complete minutes count. */
  constructor(private readonly kept: number) {}

  /** `age`: in ms. */
  add(age: number): void {
    const found = UP_TO.findIndex((limit) => age <= limit);
    const index = found === -1 ? UP_TO.length : found;
    this.current[index] = (this.current[index] ?? 0) + 1;
  }

  /** Begins the next minute. */
  next(): void {
    this.complete.push(this.current);
    if (this.complete.length > this.kept) this.complete.shift();
    this.current = emptyCounts();
  }

  counts(): ClosingAgeCounts {
    const sum = emptyCounts();
    for (const minute of [...this.complete, this.current]) {
      for (const [index, count] of minute.entries()) sum[index] = (sum[index] ?? 0) + count;
    }
    return { upTo: UP_TO, counts: sum };
  }
}

function emptyCounts(): number[] {
  return Array<number>(UP_TO.length + 1).fill(0);
}

/** Prints a measured value. A passing bound does not show how close the value was. */
export function report(figure: string): void {
  process.stdout.write(`    ${figure}\n`);
}

/** The quantile of a sample: 0.5 is the median, 1 the maximum. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Prints a measured figure: a bound that holds says nothing of how close it was. */
export function report(figure: string): void {
  process.stdout.write(`    ${figure}\n`);
}

/** The value below which so much of the sample lies: 0.5 for the median, 1 for the largest. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** The value below which a given share of all values lies, by linear interpolation. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at % 1);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The spread of one value of each run. */
export function spreadOf<Run>(
  runs: readonly Run[],
  value: (run: Run) => number,
  digits?: number,
): string {
  return spread(runs.map(value), digits);
}

/** The median, with the minimum and the maximum in brackets. */
export function spread(values: readonly number[], digits = 3): string {
  const [least, middle, most] = [0, 0.5, 1].map((share) => quantile(values, share).toFixed(digits));
  return `${middle} (${least}–${most})`;
}

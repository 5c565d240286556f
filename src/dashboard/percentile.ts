/**
 * A percentile of values that were counted in buckets, interpolated within its bucket. The last bucket has no upper
 * limit: there it is the lower one. 0 without values.
 *
 * @param upTo the upper limits of all buckets but the last
 * @param share from 0 to 1
 */
export function percentile(
  upTo: readonly number[],
  counts: readonly number[],
  share: number,
): number {
  const rank = share * counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  let lower = 0;
  for (const [index, upper] of upTo.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank)
      return lower + (upper - lower) * ((rank - below) / count);
    below += count;
    lower = upper;
  }
  return rank === 0 ? 0 : lower;
}

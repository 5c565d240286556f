/**
 * How long to wait after a connection or an attempt that ended with `code`, ms. "Full jitter": any wait is as
 * likely as any other, so that a crowd comes back evenly.
 *
 * @param code the close code
 * @param isAnnounced whether the server gave this client a moment of its own to leave
 * @param most the longest wait that is due by now
 * @param maxDelay the longest of all
 */
export function waitAfter(
  code: number,
  isAnnounced: boolean,
  most: number,
  maxDelay: number,
): number {
  // Frozen, or idle: there is nothing to come back for, yet.
  if (code === 4410 || code === 4409) return Infinity;
  // Who was given a moment of its own is alone with it.
  if (code === 1012 && isAnnounced) return 0;
  // Overloaded: later rather than sooner.
  return Math.random() * (code === 1013 ? maxDelay : Math.min(maxDelay, most));
}

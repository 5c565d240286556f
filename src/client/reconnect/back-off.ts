/**
 * Delay before the next attempt after a connection or an attempt that ended with `code`, ms. The delay is uniformly
 * random between 0 and a limit ("full jitter"), so that many clients do not reconnect at the same time. Source: AWS
 * Architecture Blog, "Exponential Backoff And Jitter".
 *
 * @param code the close code
 * @param isAnnounced whether the server announced the close by a drain message
 * @param limit the limit for this attempt
 * @param maxDelay the limit for all attempts
 */
export function reconnectDelay(
  code: number,
  isAnnounced: boolean,
  limit: number,
  maxDelay: number,
): number {
  // Page frozen, or idle: wait until the page is back or there is a message to send.
  if (code === 4410 || code === 4409) return Infinity;
  // A draining server spreads its closes over time. A further delay is not needed.
  if (code === 1012 && isAnnounced) return 0;
  // 1013, "try again later": the server is overloaded.
  return Math.random() * (code === 1013 ? maxDelay : Math.min(maxDelay, limit));
}

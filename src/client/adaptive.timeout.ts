/** Upper bound of the factor. */
const MAX_FACTOR = 4;
/** The factor returns to 1 after this many intervals without a dead server. */
const RESET_INTERVALS = 10;

/**
 * The factor by which the client's timeout is longer than the one that the server granted. Shared by all sockets of
 * one class, or of one `connect()`.
 */
export interface AdaptiveTimeout {
  /** 1, 2 or 4. */
  factor(): number;
  /** A message arrived. `interval`: the granted interval, ms. */
  onMessage(interval: number): void;
  /** The server was declared dead, and the client closes the connection. */
  onDead(): void;
  /** That connection is closed. The factor doubles after a complete closing handshake: the server was alive. */
  onClosed(wasClean?: boolean): void;
}

export function createAdaptiveTimeout(): AdaptiveTimeout {
  let factor = 1;
  /** Time of the first message since the last change. Time without a connection does not count. */
  let firstMessageAt: number | undefined;
  return {
    factor: () => factor,
    onMessage(interval) {
      const now = performance.now();
      firstMessageAt ??= now;
      if (now - firstMessageAt > RESET_INTERVALS * interval) factor = 1;
    },
    onDead() {
      firstMessageAt = undefined;
    },
    onClosed(wasClean) {
      if (!wasClean) return;
      firstMessageAt = undefined;
      factor = Math.min(MAX_FACTOR, 2 * factor);
    },
  };
}

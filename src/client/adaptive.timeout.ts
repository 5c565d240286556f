/** The timeout grows to at most so many times what the server granted. */
const MAX_FACTOR = 4;
/** The timeout is as granted again after so many intervals without a death. */
const QUIET_INTERVALS = 10;

/** By how much the timeout of a server is longer than granted. The sockets of one class or connection share it. */
export interface AdaptiveTimeout {
  /** 1, 2 or 4. */
  factor(): number;
  /** A message arrived. `interval`: the one that the server granted, ms. */
  heard(interval: number): void;
  /** A server was taken for dead: its connection is closing. */
  died(): void;
  /** Such a connection is closed. Where the server completed the closing handshake it was alive: the timeout doubles. */
  closed(wasClean?: boolean): void;
}

export function adaptTimeout(): AdaptiveTimeout {
  let factor = 1;
  /** When the first message since the last death or change arrived: time without a connection does not count. */
  let quietSince: number | undefined;
  return {
    factor: () => factor,
    heard(interval) {
      const now = performance.now();
      quietSince ??= now;
      if (now - quietSince > QUIET_INTERVALS * interval) factor = 1;
    },
    died() {
      quietSince = undefined;
    },
    closed(wasClean) {
      if (!wasClean) return;
      quietSince = undefined;
      factor = Math.min(MAX_FACTOR, 2 * factor);
    },
  };
}

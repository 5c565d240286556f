import type { AdaptiveTimeout } from './adaptive.timeout.js';

/** How late a timer may be for its verdict to count, ms: those of hidden pages fire on the full second. */
const LATE = 1_100;
/** Time for what was received and not yet dispatched to come before a verdict, ms. */
const LAST_CALL = 50;

/**
 * What is to be done about a server: to ping it, to suspect it, to take it for dead. `beat`: to send it a heartbeat
 * that needs no answer, because the client waits for longer than the server does.
 */
export type Step = 'ask' | 'suspect' | 'beat' | 'dead';

export interface ServerDetector {
  /** Begins, or goes on with other times. */
  start(interval: number, timeout: number): void;
  /** A message of the server arrived. Armed from it: timers of hidden pages are throttled, such ones are not. */
  heard(): void;
  /** Something happened to the path, or to us: the server is pinged. Doing so again does not give more time. */
  readonly ask: () => void;
  /** The network closed the connection, after we had ended it. */
  closed(wasClean?: boolean): void;
  stop(): void;
}

/**
 * Judges a server by its silence, with one timer. A timer that is late says that this process or page did
 * not run, not that the server is dead: then the server is pinged and given time anew.
 */
export function judgeSilence(
  probeTimeout: number,
  adaptive: AdaptiveTimeout,
  act: (step: Step) => void,
): ServerDetector {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDead = false;
  let interval = 0;
  let timeout = 0;
  /** The silence that makes suspect, ms; zero: the server is not judged. */
  let patience = 0;
  /** The largest factor during this silence: the end of a longer timeout does not shorten one that runs. */
  let factor = 1;
  /** The answer to the ping has to arrive `within` so many ms times `factor` after `askedAt`. */
  let askedAt = 0;
  let within = Infinity;

  const arm = (wait: number, punctual: () => void) => {
    const due = performance.now() + wait;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (performance.now() - due < LATE) return punctual();
      within = Infinity;
      ask();
    }, wait);
  };

  /** What is left until the server is taken for dead, ms. */
  const left = () => {
    factor = Math.max(factor, adaptive.factor());
    return askedAt + within * factor - performance.now();
  };

  const wait = () => {
    if (left() > 0) {
      arm(Math.min(left(), patience), () => {
        // Timers fire a fraction of a millisecond early.
        if (left() > LAST_CALL) act('beat');
        wait();
      });
    } else {
      arm(LAST_CALL, () => {
        isDead = true;
        adaptive.died();
        act('dead');
      });
    }
  };

  const ask = (from = performance.now(), most = probeTimeout) => {
    if (!patience) return;
    if (from + most * factor < askedAt + within * factor) {
      askedAt = from;
      within = most;
    }
    wait();
    act('ask');
  };

  const heard = () => {
    if (!patience) return;
    adaptive.heard(interval);
    const heardAt = performance.now();
    within = Infinity;
    factor = 1;
    arm(patience, () => {
      act('suspect');
      ask(heardAt, timeout);
    });
  };

  return {
    start(grantedInterval, grantedTimeout) {
      interval = grantedInterval;
      timeout = grantedTimeout;
      patience = (interval + timeout) / 2;
      heard();
    },
    heard,
    ask,
    closed(wasClean) {
      if (isDead) adaptive.closed(wasClean);
    },
    stop() {
      patience = 0;
      clearTimeout(timer);
    },
  };
}

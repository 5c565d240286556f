/** How late a timer may be for its verdict to count, ms: those of hidden pages fire on the full second. */
const LATE = 1_100;
/** Time for what was received and not yet dispatched to come before a verdict, ms. */
const LAST_CALL = 50;

/** What is to be done about a server: to ask it, to suspect it, to take it for dead. */
export type Step = 'ask' | 'suspect' | 'dead';

export interface SilenceJudge {
  /** Begins, or goes on with other times. */
  start(interval: number, timeout: number): void;
  /** The server spoke. Armed from its message: timers of hidden pages are throttled, such ones are not. */
  heard(): void;
  /** Something happened to the path, or to us: the server is asked. Asking again does not give more time. */
  ask(): void;
  stop(): void;
}

/**
 * Judges a server by its silence, with one timer. A timer that is late says that this process or page did
 * not run, not that the server is dead: then the server is asked and given time anew.
 */
export function judgeSilence(probeTimeout: number, act: (step: Step) => void): SilenceJudge {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** When the answer to the oldest open question has to be here. */
  let deadline = Infinity;
  /** The silence that makes suspect; zero: nobody is judged. */
  let patience = 0;
  /** What is left of the timeout then. */
  let grace = 0;

  const arm = (wait: number, punctual: () => void) => {
    const due = performance.now() + wait;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (performance.now() - due < LATE) return punctual();
      deadline = Infinity;
      ask();
    }, wait);
  };

  const ask = (within = probeTimeout) => {
    if (patience === 0) return;
    const now = performance.now();
    deadline = Math.min(deadline, now + within);
    arm(deadline - now, () => arm(LAST_CALL, () => act('dead')));
    act('ask');
  };

  const heard = () => {
    if (patience === 0) return;
    deadline = Infinity;
    arm(patience, () => {
      act('suspect');
      ask(grace);
    });
  };

  return {
    start(interval, timeout) {
      patience = (interval + timeout) / 2;
      grace = timeout - patience;
      heard();
    },
    heard,
    ask,
    stop() {
      patience = 0;
      clearTimeout(timer);
    },
  };
}

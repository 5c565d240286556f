/** How late a timer may be for its verdict to count, ms: those of hidden pages fire on the full second. */
const LATE = 1_100;
/** Time for what was received and not yet dispatched to come before a verdict, ms. */
const LAST_CALL = 50;

/** Whom the judge asks, and tells. */
export interface Accused {
  ask(): void;
  suspect(): void;
  condemn(): void;
}

/**
 * Judges a server by its silence, with one timer. A timer that is late says that this process or page did
 * not run, not that the server is dead: then the server is asked and given time anew.
 */
export class SilenceJudge {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the answer to the oldest open question has to be here. */
  #deadline = Infinity;
  #patience = 0;
  #grace = 0;
  readonly #accused: Accused;
  readonly #probeTimeout: number;

  constructor(accused: Accused, probeTimeout: number) {
    this.#accused = accused;
    this.#probeTimeout = probeTimeout;
  }

  /** Begins, or goes on with other times. */
  start(interval: number, timeout: number): void {
    this.#patience = (interval + timeout) / 2;
    this.#grace = timeout - this.#patience;
    this.heard();
  }

  /** The server spoke. Armed from its message: timers of hidden pages are throttled, such ones are not. */
  heard(): void {
    this.#deadline = Infinity;
    this.#arm(this.#patience, () => {
      this.#accused.suspect();
      this.ask(this.#grace);
    });
  }

  /** Something happened to the path, or to us: the server is asked. Asking again does not give more time. */
  ask(within = this.#probeTimeout): void {
    const now = performance.now();
    this.#deadline = Math.min(this.#deadline, now + within);
    this.#arm(this.#deadline - now, () => this.#arm(LAST_CALL, () => this.#accused.condemn()));
    if (this.#patience > 0) this.#accused.ask();
  }

  stop(): void {
    this.#patience = 0;
    clearTimeout(this.#timer);
  }

  #arm(wait: number, punctual: () => void): void {
    clearTimeout(this.#timer);
    if (this.#patience === 0) return;
    const due = performance.now() + wait;
    this.#timer = setTimeout(() => {
      if (performance.now() - due < LATE) return punctual();
      this.#deadline = Infinity;
      this.ask();
    }, wait);
  }
}

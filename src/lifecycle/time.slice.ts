import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long the module may block the event loop at a time. Milliseconds. */
const LENGTH = 4;

/** The share of a turn of the event loop that work on many connections may use. The rest waits for the next turn. */
export class TimeSlice {
  private end: number;

  /** `now`: real time, in ms. */
  constructor(now: number = performance.now()) {
    this.end = now + LENGTH;
  }

  isOver(now: number = performance.now()): boolean {
    return now >= this.end;
  }

  /** Begins a new slice. To be called in a new turn. */
  restart(): void {
    this.end = performance.now() + LENGTH;
  }

  /** Waits for the next turn and begins a new slice there. */
  async next(): Promise<void> {
    await nextTurn();
    this.restart();
  }
}

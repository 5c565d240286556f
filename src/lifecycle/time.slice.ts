import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HeartbeatClock } from '../heartbeat.clock.js';

/** How long the module may block the event loop at a time. Milliseconds. */
const LENGTH = 4;

/** The share of a turn of the event loop that work on many connections may use. The rest waits for the next turn. */
export class TimeSlice {
  private end: number;

  /** `now`: real time, in ms. */
  constructor(
    private readonly clock: HeartbeatClock,
    now: number = clock.now(),
  ) {
    this.end = now + LENGTH;
  }

  isOver(now: number = this.clock.now()): boolean {
    return now >= this.end;
  }

  /** Begins a new slice. To be called in a new turn. */
  restart(): void {
    this.end = this.clock.now() + LENGTH;
  }

  /** Waits for the next turn and begins a new slice there. */
  async next(): Promise<void> {
    await nextTurn();
    this.restart();
  }
}

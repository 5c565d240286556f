import type { HeartbeatClock } from '../heartbeat.clock.js';

interface Stall {
  /** In ms. */
  readonly duration: number;
  /** When it ended, monotonic ms. */
  readonly endedAt: number;
}

/**
 * Remembers stalls of the event loop, newest last. A stall that is followed by one as long or longer is forgotten: every
 * question finds the later one first. So there are never more entries than the longest stall has milliseconds, and in
 * practice a few.
 */
export class StallMemory {
  private stalls: Stall[] = [];

  constructor(private readonly clock: HeartbeatClock) {}

  /** Adds a stall that has just ended. */
  add(duration: number): void {
    const longer = this.stalls.filter((stall) => stall.duration > duration);
    this.stalls = [...longer, { duration, endedAt: this.clock.now() }];
  }

  /** Whether a stall of at least `duration` ms ended within the last `within` ms. */
  hasRecent(duration: number, within: number): boolean {
    const since = this.clock.now() - within;
    return this.stalls.some((stall) => stall.duration >= duration && stall.endedAt >= since);
  }
}

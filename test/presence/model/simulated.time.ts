import type { HeartbeatClock } from 'nestjs-heartbeat/testing';

/** A timer of simulated time. Has the methods of a Node.js timer that the module calls on one. */
class SimulatedTimer {
  constructor(
    readonly callback: () => void,
    readonly at: number,
  ) {}

  unref(): this {
    return this;
  }
}

/** Time that passes only in `advance()`. Timers of the same time run in the order in which they were set. */
export class SimulatedTime implements HeartbeatClock {
  private time = 0;
  private readonly timers = new Set<SimulatedTimer>();

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.time;
  }

  setTimeout(callback: () => void, delay: number): NodeJS.Timeout {
    const timer = new SimulatedTimer(callback, this.time + Math.max(0, delay));
    this.timers.add(timer);
    return timer as unknown as NodeJS.Timeout;
  }

  setInterval(): NodeJS.Timeout {
    throw new Error('Presence sets no interval.');
  }

  clear(timer: NodeJS.Timeout | undefined): void {
    this.timers.delete(timer as unknown as SimulatedTimer);
  }

  /** Lets `ms` pass. What a timer causes, up to the next timer, happens before that one runs. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await turn();
    for (let next = this.next(); next !== undefined && next.at <= end; next = this.next()) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await turn();
    }
    this.time = end;
  }

  private next(): SimulatedTimer | undefined {
    let next: SimulatedTimer | undefined;
    for (const timer of this.timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }
}

/** A turn of the event loop: all promises that are settled have had their effects. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import { Inject, Injectable } from '@nestjs/common';
import { StartContext } from '../connections/start.context.js';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';

/** The time of presence. Its timers run in the context of the application's start, and let the process end. */
@Injectable()
export class PresenceClock {
  constructor(
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
    private readonly context: StartContext,
  ) {}

  /** Monotonic time in ms. */
  now(): number {
    return this.clock.now();
  }

  setTimeout(callback: () => void, delay: number): NodeJS.Timeout {
    return this.context.run(() => this.clock.setTimeout(callback, Math.max(0, delay)).unref());
  }

  clear(timer: NodeJS.Timeout | undefined): void {
    this.clock.clear(timer);
  }
}

import type { OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import type { HeartbeatClock } from '../heartbeat.clock.js';
import { TestTimer } from './test.timer.js';

/** Turns of the event loop in which what a tick sent arrives, is answered, and the answer arrives. */
const TURNS_OF_A_TICK = 4;
/** The same after the last tick, for what the answers cause. */
const TURNS_AT_THE_END = 12;
/** How many times as fast as real time the clock runs during a shutdown, in which hooks may wait for real I/O. */
const SHUTDOWN_RATE = 100;
/** The timer of the process, also while a test has replaced it. */
const realTimeout = setTimeout;

/**
 * A clock that stands still until a test moves it. The sockets stay real, and no timer of the runner is replaced.
 *
 * While the application shuts down, the clock runs by itself as long as the shutdown waits for a timer, a hundred times
 * as fast as real time. So `app.close()` needs no `advance()`.
 *
 * ```ts
 * const clock = new HeartbeatTestClock();
 * Test.createTestingModule({ imports: [AppModule] }).overrideProvider(HEARTBEAT_CLOCK).useValue(clock);
 * await clock.advance(45_000);
 * ```
 *
 * @publicApi
 */
export class HeartbeatTestClock implements HeartbeatClock, OnModuleDestroy, OnApplicationShutdown {
  private time = 0;
  private readonly timers = new Set<TestTimer>();
  /** How many applications with this clock are shutting down. */
  private shutdowns = 0;
  private isRunning = false;

  /** @param start the wall-clock time at which the clock starts, epoch ms; default: now */
  constructor(private readonly start: number = Date.now()) {}

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.start + this.time;
  }

  setTimeout(callback: () => void, delay: number): NodeJS.Timeout {
    return this.add(new TestTimer(callback, undefined, this.time + Math.max(0, delay)));
  }

  setInterval(callback: () => void, delay: number): NodeJS.Timeout {
    return this.add(new TestTimer(callback, delay, this.time + delay));
  }

  clear(timer: NodeJS.Timeout | undefined): void {
    this.timers.delete(timer as unknown as TestTimer);
  }

  /**
   * Moves the clock by `ms`. Every timer that is due on the way runs at its time, and what it sends arrives before the
   * next one runs.
   *
   * @throws TypeError for a time that is no number from 0
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new TypeError(`advance(): ${ms} is no number of milliseconds from 0.`);
    const end = this.time + ms;
    await turns(TURNS_OF_A_TICK);
    for (let next = this.nextUntil(end); next !== undefined; next = this.nextUntil(end)) {
      this.time = Math.max(this.time, next.at);
      this.run(next);
      await turns(TURNS_OF_A_TICK);
    }
    this.time = Math.max(this.time, end);
    await turns(TURNS_AT_THE_END);
  }

  /**
   * Moves the clock by `ms` while no timer runs, as when the event loop is blocked. Then every overdue timer runs once.
   *
   * @throws TypeError for a time that is no number from 0
   */
  async stall(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new TypeError(`stall(): ${ms} is no number of milliseconds from 0.`);
    this.time += ms;
    const overdue = [...this.timers].filter(({ at }) => at <= this.time);
    for (const timer of overdue.toSorted((one, other) => one.at - other.at)) this.run(timer);
    await turns(TURNS_AT_THE_END);
  }

  /**
   * Called by Nest, for which the clock is a provider, when a shutdown begins.
   *
   * @internal
   */
  onModuleDestroy(): void {
    this.shutdowns++;
    void this.runForShutdown();
  }

  /**
   * Called by Nest when a shutdown ends.
   *
   * @internal
   */
  onApplicationShutdown(): void {
    this.shutdowns--;
  }

  private add(timer: TestTimer): NodeJS.Timeout {
    this.timers.add(timer);
    if (this.shutdowns > 0) void this.runForShutdown();
    return timer as unknown as NodeJS.Timeout;
  }

  private run(timer: TestTimer): void {
    if (!this.timers.has(timer)) return;
    if (timer.every === undefined) this.timers.delete(timer);
    else timer.at = this.time + timer.every;
    timer.callback();
  }

  /** Runs timer after timer as long as a shutdown waits for one. A timer that is unreferenced is not waited for. */
  private async runForShutdown(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    // Turns in which the caller that sets a timer can unreference it.
    for (await turns(1); this.isAwaited(); await turns(1)) {
      const next = this.nextUntil(Infinity)?.at ?? this.time;
      const wait = Math.max(0, next - this.time);
      await new Promise((resolve) => realTimeout(resolve, wait / SHUTDOWN_RATE));
      if (this.isAwaited()) await this.advance(Math.max(0, next - this.time));
    }
    this.isRunning = false;
  }

  private isAwaited(): boolean {
    return this.shutdowns > 0 && [...this.timers].some((timer) => timer.hasRef());
  }

  private nextUntil(end: number): TestTimer | undefined {
    let next: TestTimer | undefined;
    for (const timer of this.timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** Lets the event loop turn, so that sockets are read and written. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Injection token of the clock of the module. Replace it in tests with `HeartbeatTestClock` of
 * `nestjs-heartbeat/testing`.
 *
 * @publicApi
 */
export const HEARTBEAT_CLOCK = 'nestjs-heartbeat:clock';

/**
 * The time of the module: everything in it reads time and sets timers here.
 *
 * @publicApi
 */
export interface HeartbeatClock {
  /** Monotonic time in ms, like `performance.now()`. */
  now(): number;
  /** Wall-clock time, epoch ms, like `Date.now()`. */
  wallTime(): number;
  /** Calls a function once, after `delay` ms. */
  setTimeout(callback: () => void, delay: number): NodeJS.Timeout;
  /** Calls a function every `delay` ms. */
  setInterval(callback: () => void, delay: number): NodeJS.Timeout;
  /** Cancels a timer of either kind. */
  clear(timer: NodeJS.Timeout | undefined): void;
}

/** The clock of the process. Reads the globals at each call, so that fake timers of test runners replace them. */
export const systemClock: HeartbeatClock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  setInterval: (callback, delay) => setInterval(callback, delay),
  clear: (timer) => clearTimeout(timer),
};

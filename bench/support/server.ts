import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { handleCalls, settings } from './program.js';
import type { Watched, Watch } from './watch.js';

/** Settings of every server. Milliseconds. */
export interface ServerSettings {
  readonly interval: number;
  readonly timeout: number;
  /** Whether to record when each connection last received bytes and when it was closed, which costs time. */
  readonly watch: boolean;
}

export function serverSettings(): ServerSettings {
  return settings() as ServerSettings;
}

export interface Heap {
  /** Bytes of objects in the heap. */
  readonly heap: number;
  /** Bytes that these objects hold outside the heap. */
  readonly external: number;
}

export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
}

/** Handles the calls that every server supports. `more`: calls that only this server supports. */
export function serve(
  port: number,
  watch: Watch,
  more: Record<string, (argument: never) => unknown> = {},
): void {
  let delay: IntervalHistogram | undefined;
  handleCalls({
    port: () => port,
    /** The current time of the clock that `watched` uses. */
    now: () => performance.now(),
    /** Microseconds of processor time so far. */
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    /** Memory in use after a garbage collection. Needs `--expose-gc`. */
    heap: async (): Promise<Heap> => {
      for (let round = 0; round < 3; round++) {
        globalThis.gc?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      // Collects once more without a turn of the loop, because a turn with traffic leaves garbage.
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      return { heap: heapUsed, external };
    },
    /** Resident memory, in bytes. */
    resident: () => process.memoryUsage().rss,
    descriptors: () => readdirSync('/proc/self/fd').length,
    /**
     * Blocks the event loop. This runs in an I/O callback, where a stall does most harm: timers run before the data
     * that waits in the sockets is read.
     */
    block: (duration: number) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
    },
    startDelay: () => {
      delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
    },
    stopDelay: (): LoopDelay => {
      delay?.disable();
      return { p99: (delay?.percentile(99) ?? NaN) / 1e6, max: (delay?.max ?? NaN) / 1e6 };
    },
    watched: (): Watched[] => watch.all,
    ...more,
  });
}

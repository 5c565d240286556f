import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { answer, settings } from './program.js';
import type { Watched, Watch } from './watch.js';

/** What every server is started with. Milliseconds. */
export interface ServerSettings {
  readonly interval: number;
  readonly timeout: number;
  /** Whether to note when each connection was last heard and when it ended, which costs time. */
  readonly watch: boolean;
}

export function serverSettings(): ServerSettings {
  return settings() as ServerSettings;
}

export interface Heap {
  /** Bytes of objects in the heap. */
  readonly heap: number;
  /** Bytes that objects hold outside of it. */
  readonly external: number;
}

export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
}

/** Answers what every server is asked. `more`: what only some are. */
export function serve(
  port: number,
  watch: Watch,
  more: Record<string, (argument: never) => unknown> = {},
): void {
  let delay: IntervalHistogram | undefined;
  answer({
    port: () => port,
    /** The clock of what is watched. */
    now: () => performance.now(),
    /** Microseconds of processor time so far. */
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    /** What is left after everything that nobody holds is gone. Needs `--expose-gc`. */
    heap: async (): Promise<Heap> => {
      for (let round = 0; round < 3; round++) {
        globalThis.gc?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      // Once more, and nothing in between: a turn of the loop with traffic leaves rubbish.
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      return { heap: heapUsed, external };
    },
    descriptors: () => readdirSync('/proc/self/fd').length,
    /** Holds the loop. This runs in an I/O callback, where a stall does most harm: timers run before what waits in sockets. */
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

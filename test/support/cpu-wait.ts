import { existsSync, readFileSync } from 'node:fs';

/**
 * For how long, in ms, the main thread of a process was ready to run while the kernel ran others, since the process
 * started. The figure is the kernel's own (Linux, `Documentation/scheduler/sched-stats.rst`), so a bound that is
 * widened by it cannot be widened by a fault of the process under test: a thread that computes, blocks or sleeps
 * does not wait for a CPU. 0 where the system has no such figure.
 */
export function waitedForCpu(pid: number | 'self' = 'self'): number {
  const file = `/proc/${pid}/schedstat`;
  if (!existsSync(file)) return 0;
  const [, nanoseconds] = readFileSync(file, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

/**
 * What a process may be late by besides, in ms: timers, garbage collection, and reading the clock twice. Constant:
 * nothing that the process under test reports goes into it.
 */
export const SLACK = 150;

/** `performance.now()` on the clock that all processes of the machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Remembers when a process waited for a CPU. */
export class CpuWaitLog {
  private readonly samples: { at: number; waited: number }[] = [];
  private readonly timer = setInterval(() => this.sample(), 20).unref();

  /** `read`: how long the process has waited so far. */
  constructor(private readonly read: () => number) {
    this.sample();
  }

  /** For how many ms it waited between two points of `sharedNow()`. Rounded up to whole samples. */
  between(start: number, end: number): number {
    const before = this.samples.findLast(({ at }) => at <= start) ?? this.samples[0];
    const after = this.samples.find(({ at }) => at >= end) ?? this.samples.at(-1);
    return Number(after?.waited) - Number(before?.waited);
  }

  stop(): void {
    clearInterval(this.timer);
    this.sample();
  }

  private sample(): void {
    this.samples.push({ at: sharedNow(), waited: this.read() });
  }
}

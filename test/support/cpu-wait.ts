import { existsSync, readFileSync } from 'node:fs';

/**
 * How long the main thread of a process was ready to run but had no CPU, in ms, since the process started. The kernel
 * measures it (Linux, `Documentation/scheduler/sched-stats.rst`). A thread that computes, blocks or sleeps does not
 * wait for a CPU, so the process under test cannot widen a bound that includes this time. 0 where the system does not
 * measure it.
 */
export function waitedForCpu(pid: number | 'self' = 'self'): number {
  const file = `/proc/${pid}/schedstat`;
  if (!existsSync(file)) return 0;
  const [, nanoseconds] = readFileSync(file, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

/**
 * Lateness that a bound allows in addition, in ms: timers, garbage collection, and two readings of the clock. Constant,
 * so that it does not depend on what the process under test reports.
 */
export const SLACK = 150;

/** `performance.now()` on the clock that all processes of the machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Records when a process waited for a CPU. */
export class CpuWaitLog {
  private readonly samples: { at: number; waited: number }[] = [];
  private readonly timer = setInterval(() => this.sample(), 20).unref();

  /** `read` returns how long the process has waited so far, in ms. */
  constructor(private readonly read: () => number) {
    this.sample();
  }

  /** How long it waited between two points of `sharedNow()`, in ms. Rounded up to whole samples. */
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

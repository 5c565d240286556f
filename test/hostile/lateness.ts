const PERIOD = 10;
const NORMAL = PERIOD + 5;

/**
 * Measures when this process could not run, with a timer that records how late it fires. Only for tests whose server
 * runs in another process. A bound on the work of this process must not depend on it: use `waitedForCpu()`.
 */
export class Lateness {
  private readonly gaps: { end: number; late: number }[] = [];
  private last = performance.now();
  private readonly timer = setInterval(() => this.sample(), PERIOD).unref();

  /** How long the process could not run between two points of `performance.now()`, in ms. */
  between(start: number, end: number): number {
    return this.gaps
      .filter((gap) => gap.end > start && gap.end - gap.late < end)
      .reduce((sum, { late }) => sum + late, 0);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    const now = performance.now();
    const gap = now - this.last;
    this.last = now;
    if (gap > NORMAL) this.gaps.push({ end: now, late: gap - PERIOD });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Milliseconds from one reading to the next. */
const PERIOD = 5;

/** Bytes of the heap that are in use once all garbage is gone. */
export function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Watches what this process takes of the machine's memory, in bytes of its resident set. */
export class MemoryWatch {
  private most = 0;
  private readonly timer = setInterval(() => this.read(), PERIOD);

  private constructor(private readonly before: number) {}

  static async start(): Promise<MemoryWatch> {
    // Pages are given back some time after they were freed.
    for (let round = 0; round < 3; round++) {
      collectGarbage();
      await delay(100);
    }
    return new MemoryWatch(process.memoryUsage.rss());
  }

  /** How much more than at the beginning it was at the most. */
  growth(): number {
    this.read();
    return Math.max(0, this.most - this.before);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private read(): void {
    this.most = Math.max(this.most, process.memoryUsage.rss());
  }
}

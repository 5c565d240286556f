import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Milliseconds from one look at the size of the process to the next. */
const PERIOD = 5;
/** Bytes by which the process grows from one reading to the next. */
const STEP = 512 * 1024;

/** Bytes of the heap that are in use once all garbage is gone. */
export function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Watches how much memory this process cannot do without: in the heap and in buffers outside of it, in bytes. */
export class MemoryWatch {
  private most = 0;
  private resident = 0;
  private readonly timer = setInterval(() => this.read(), PERIOD);

  private constructor(private readonly before: number) {}

  static async start(): Promise<MemoryWatch> {
    // What was freed outside of the heap is counted for a while.
    for (let round = 0; round < 3; round++) {
      collectGarbage();
      await delay(100);
    }
    return new MemoryWatch(inUse());
  }

  /** How much more than at the beginning it was at the most. */
  growth(): number {
    this.read();
    return this.most;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /**
   * How soon garbage goes depends on what else the machine does. So it is collected before each reading, which
   * takes place whenever the process has grown.
   */
  private read(): void {
    const resident = process.memoryUsage.rss();
    if (resident < this.resident + STEP) return;
    collectGarbage();
    this.most = Math.max(this.most, inUse() - this.before);
    this.resident = resident;
  }
}

function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

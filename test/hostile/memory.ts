import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Milliseconds between two readings of the resident size. */
const PERIOD = 5;
/** Bytes by which the process grows from one reading to the next. */
const STEP = 512 * 1024;

/** Bytes of the heap that are in use after a garbage collection. */
export function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Records the peak of the memory that this process uses, in the heap and in external buffers, in bytes. */
export class MemoryWatch {
  private most = 0;
  private resident = 0;
  private readonly timer = setInterval(() => this.read(), PERIOD);

  private constructor(private readonly before: number) {}

  static async start(): Promise<MemoryWatch> {
    // Node.js counts freed external memory for a while.
    for (let round = 0; round < 3; round++) {
      collectGarbage();
      await delay(100);
    }
    return new MemoryWatch(inUse());
  }

  /** The peak, less what was in use at the start. */
  growth(): number {
    this.read();
    return this.most;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /**
   * The time of a garbage collection depends on the load of the machine. So each reading, which takes place
   * when the process has grown, collects first.
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

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What `npm start` runs. `npm run test:e2e` builds it first. */
const MAIN = fileURLToPath(new URL('../../build/example/main.js', import.meta.url));
const ADDRESS = /Open (http:\/\/localhost:(\d+))/;

/** What a demo may take to end before it is given up, in ms. */
const PATIENCE = 30_000;

const running = new Set<Demo>();

/** The demo application in a process of its own. */
export class Demo {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  /** Starts the demo, and waits until it prints its URL. */
  static async start(port = 0): Promise<Demo> {
    // A process group of its own: its remaining child processes can be ended with it.
    const process = spawn(globalThis.process.execPath, ['--enable-source-maps', MAIN], {
      env: { ...globalThis.process.env, PORT: String(port), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const demo = new Demo(process, await addressOf(process));
    running.add(demo);
    return demo;
  }

  /** The processes that it has started and that still run. */
  get children(): number[] {
    const { pid } = this.process;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.trim().split(' ').filter(Boolean).map(Number);
  }

  /** Asks it to end, as a deploy does, and returns how many ms that took. */
  async stop(): Promise<number> {
    const start = performance.now();
    const exit = once(this.process, 'exit', { signal: AbortSignal.timeout(PATIENCE) });
    this.process.kill('SIGTERM');
    await exit;
    return performance.now() - start;
  }

  /** Suspends the process: its connections stay open, but nothing answers on them. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  /** Lets it run again. */
  thaw(): void {
    this.process.kill('SIGCONT');
  }

  /** Ends the demo and all processes that it started, in any state. */
  async kill(): Promise<void> {
    running.delete(this);
    const { pid, exitCode, signalCode } = this.process;
    const exit = exitCode === null && signalCode === null && once(this.process, 'exit');
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
    await exit;
  }
}

/** Ends all that were started here and still run. For `afterAll`. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((demo) => demo.kill()));
}

/** Whether there is such a process. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function addressOf(process: ChildProcess): Promise<string> {
  if (process.stdout === null) throw new Error('The demo has no stdout');
  const output: string[] = [];
  for await (const line of createInterface({ input: process.stdout })) {
    const [, url] = ADDRESS.exec(line) ?? [];
    if (url !== undefined) {
      process.stdout.resume();
      return url;
    }
    output.push(line);
  }
  throw new Error(`The demo did not start:\n${output.join('\n')}`);
}

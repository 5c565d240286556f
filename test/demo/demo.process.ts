import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What `npm run test:e2e` builds first. */
const BUILD = new URL('../../build/example/', import.meta.url);
/** What `npm start` runs. */
const MAIN = fileURLToPath(new URL('main.js', BUILD));
/** What `npm run start:cluster` runs. */
const CLUSTER = fileURLToPath(new URL('cluster/main.js', BUILD));
const ADDRESS = /Open (http:\/\/localhost:(\d+))/;

/** What a demo may take to end before it is given up, in ms. */
const PATIENCE = 30_000;

const running = new Set<Demo>();

/** The demo application in a process of its own. */
export class Demo {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    /** What it printed before its URL. */
    readonly output: string,
  ) {}

  /** Starts the demo, and waits until it prints its URL. */
  static start(port = 0): Promise<Demo> {
    return Demo.run(MAIN, { PORT: String(port) });
  }

  /** Starts the demo with three instances; with the URL of a Redis, in three processes. */
  static startCluster(redis = ''): Promise<Demo> {
    return Demo.run(CLUSTER, { PORT: '0', REDIS_URL: redis });
  }

  private static async run(program: string, env: Record<string, string>): Promise<Demo> {
    // A process group of its own: its remaining child processes can be ended with it.
    const process = spawn(globalThis.process.execPath, ['--enable-source-maps', program], {
      env: { ...globalThis.process.env, ...env, NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    const { url, output } = await startOf(process);
    const demo = new Demo(process, url, output);
    running.add(demo);
    return demo;
  }

  /** Types a line into its terminal. */
  type(line: string): void {
    this.process.stdin?.write(`${line}\n`);
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

async function startOf(process: ChildProcess): Promise<{ url: string; output: string }> {
  if (process.stdout === null) throw new Error('The demo has no stdout');
  const lines: string[] = [];
  for await (const line of createInterface({ input: process.stdout })) {
    const [, url] = ADDRESS.exec(line) ?? [];
    if (url !== undefined) {
      process.stdout.resume();
      return { url, output: lines.join('\n') };
    }
    lines.push(line);
  }
  throw new Error(`The demo did not start:\n${lines.join('\n')}`);
}

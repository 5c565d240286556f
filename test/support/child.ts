import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { waitedForCpu } from './cpu-wait.js';

/** The answer of the program to the request with the same `id`. */
type Reply = { id: number; result?: unknown; error?: string };

/** How to start a program. */
export interface Launch {
  /** A command that runs the program, such as `ip netns exec`. */
  readonly launcher?: readonly string[];
  /** Environment variables, in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<Child>();

/**
 * A program in a child process. It receives its settings as an argument, reports when it is ready, and then answers
 * requests. `programs/answers.mjs` is the other end.
 */
export class Child {
  private requests = 0;

  private constructor(private readonly process: ChildProcess) {}

  /** Starts a program, JavaScript or TypeScript, and waits until it is ready. */
  static async start(program: URL, settings: object, launch: Launch = {}): Promise<Child> {
    const { launcher = [], env } = launch;
    const typescript = program.pathname.endsWith('.ts');
    const flags = typescript ? ['--import', '@swc-node/register/esm-register'] : [];
    const [execPath, ...execArgv] = [...launcher, process.execPath, ...flags] as [string];
    const forked = fork(program, [JSON.stringify(settings)], {
      execPath,
      execArgv,
      env: { ...process.env, ...env },
    });
    forked.setMaxListeners(0);
    const child = new Child(forked);
    running.add(child);
    await child.reply(0);
    return child;
  }

  /** Calls a method of the program and returns its result. */
  async request<Answer>(method: string, ...args: unknown[]): Promise<Answer> {
    const id = ++this.requests;
    this.process.send({ id, method, args });
    return (await this.reply(id)) as Answer;
  }

  /** Stops the process with SIGSTOP. Its kernel still acknowledges packets, but no code of the process runs. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.kill('SIGCONT');
  }

  /** Freezes the process for `duration` ms. Returns the real duration. */
  async freezeFor(duration: number): Promise<number> {
    this.freeze();
    while (!this.isFrozen()) await delay(1);
    const start = performance.now();
    await delay(duration);
    const frozen = performance.now() - start;
    this.thaw();
    return frozen;
  }

  /** How long its main thread has waited for a CPU so far, in ms, as counted by the kernel. */
  waitedForCpu(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error('The process did not start');
    return waitedForCpu(pid);
  }

  async kill(): Promise<void> {
    running.delete(this);
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  /** Ends the program as an orchestrator does, with SIGTERM, and waits until it has ended. */
  async terminate(): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await exit;
    running.delete(this);
  }

  private isFrozen(): boolean {
    const [, state] = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ');
    return state?.startsWith('T') ?? false;
  }

  private reply(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        this.process.off('message', onMessage);
        this.process.off('exit', onExit);
        finish();
      };
      const onMessage = (message: unknown) => {
        const { id: requestId, result, error } = message as Reply;
        if (requestId !== id) return;
        settle(() => (error === undefined ? resolve(result) : reject(new Error(error))));
      };
      const onExit = () => settle(() => reject(new Error('The process ended before it answered')));
      this.process.on('message', onMessage);
      this.process.once('exit', onExit);
    });
  }
}

/** Ends all programs that still run. For `afterAll()`. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.kill()));
}

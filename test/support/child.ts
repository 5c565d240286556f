import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { waitedForCpu } from './cpu-wait.js';

type Reply = { id: number; result?: unknown; error?: string };

/** Where and how a program runs, where it matters. */
export interface Launch {
  /** What is put before the command, such as what runs it in a network namespace. */
  readonly launcher?: readonly string[];
  /** Variables of its environment, besides our own. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<Child>();

/**
 * A program in a process of its own: it gets its settings as an argument, says once that it is ready, and
 * then answers questions (`programs/answers.mjs` is the other end).
 */
export class Child {
  private asked = 0;

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

  async ask<Answer>(question: string, ...args: unknown[]): Promise<Answer> {
    const id = ++this.asked;
    this.process.send({ id, question, args });
    return (await this.reply(id)) as Answer;
  }

  /** Stops the process in its tracks: its kernel still acknowledges, but nothing in it runs. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.kill('SIGCONT');
  }

  /** Freezes the process for so many ms, and returns how long it really was. */
  async freezeFor(duration: number): Promise<number> {
    this.freeze();
    while (!this.isFrozen()) await delay(1);
    const start = performance.now();
    await delay(duration);
    const frozen = performance.now() - start;
    this.thaw();
    return frozen;
  }

  /** For how many ms its main thread has waited for a CPU so far, as the kernel counts it from outside. */
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

  private isFrozen(): boolean {
    const [, state] = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ');
    return state?.startsWith('T') ?? false;
  }

  private reply(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.process.off('message', onMessage);
        this.process.off('exit', onExit);
        act();
      };
      const onMessage = (message: unknown) => {
        const { id: answered, result, error } = message as Reply;
        if (answered !== id) return;
        settle(() => (error === undefined ? resolve(result) : reject(new Error(error))));
      };
      const onExit = () =>
        settle(() => reject(new Error('The process ended before it had answered')));
      this.process.on('message', onMessage);
      this.process.once('exit', onExit);
    });
  }
}

/** Ends all processes that were started here and still run. For `afterAll`. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.kill()));
}

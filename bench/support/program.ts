import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';

/*
 * A program in a process of its own, so that what is measured in one is not done in another. Both ends are
 * here: `Program` starts one and asks it, `answer()` is what it calls when it is ready.
 */

interface PendingMessagePing {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The id of the first answer, which says that a program is ready. */
const READY = 0;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Program {
  private asked = READY;

  private constructor(private readonly child: ChildProcess) {
    child.setMaxListeners(0);
  }

  /** Starts a program of this folder's neighbours and waits until it is ready. */
  static async start(path: string, settings: object, runtime: ForkOptions = {}): Promise<Program> {
    const file = new URL(`../${path}`, import.meta.url);
    const child = fork(file, [JSON.stringify(settings)], { execArgv: [], ...runtime });
    const program = new Program(child);
    running.add(child);
    child.once('exit', () => running.delete(child));
    await program.answerTo(READY);
    return program;
  }

  get pid(): number {
    return this.child.pid ?? NaN;
  }

  async ask<Result>(name: string, argument?: unknown): Promise<Result> {
    const id = ++this.asked;
    this.child.send({ id, name, argument } satisfies PendingMessagePing);
    return (await this.answerTo(id)) as Result;
  }

  /** The process stands still, as a machine does whose power failed; its kernel goes on. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.child.off('message', hear);
        this.child.off('exit', leave);
        act();
      };
      const hear = (message: unknown) => {
        const { id: answered, result, error } = message as Answer;
        if (answered !== id) return;
        settle(() => (error === undefined ? resolve(result) : reject(new Error(error))));
      };
      const leave = (code: number | null) =>
        settle(() => reject(new Error(`The program ended with ${code} before it answered`)));
      this.child.on('message', hear);
      this.child.once('exit', leave);
    });
  }
}

/** What the program was started with. */
export function settings(): unknown {
  return JSON.parse(process.argv[2] ?? '{}') as unknown;
}

/** Says that the program is ready, and answers questions from then on. */
export function answer(answers: Record<string, (argument: never) => unknown>): void {
  const hear = async ({ id, name, argument }: PendingMessagePing) => {
    try {
      reply({ id, result: await answers[name]?.(argument as never) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (message) => void hear(message as PendingMessagePing));
  process.on('disconnect', () => process.exit());
  reply({ id: READY });
}

function reply(message: Answer): void {
  process.send?.(message);
}

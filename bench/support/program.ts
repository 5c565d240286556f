import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';

/*
 * Remote calls to a program in a process of its own, so that processes that are measured do nothing else. Both sides
 * are here: `Program` starts a program and calls it, and the program handles the calls with `handleCalls()`.
 */

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}
interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The id of the first reply, which reports that a program is ready. */
const READY = 0;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Program {
  private lastId = READY;

  private constructor(private readonly child: ChildProcess) {
    child.setMaxListeners(0);
  }

  /** Starts a program of `bench/` and waits until it is ready. */
  static async start(path: string, settings: object, runtime: ForkOptions = {}): Promise<Program> {
    const file = new URL(`../${path}`, import.meta.url);
    const child = fork(file, [JSON.stringify(settings)], { execArgv: [], ...runtime });
    const program = new Program(child);
    running.add(child);
    child.once('exit', () => running.delete(child));
    await program.replyTo(READY);
    return program;
  }

  get pid(): number {
    return this.child.pid ?? NaN;
  }

  async call<Result>(name: string, argument?: unknown): Promise<Result> {
    const id = ++this.lastId;
    this.child.send({ id, name, argument } satisfies Call);
    return (await this.replyTo(id)) as Result;
  }

  /** Stops the process with SIGSTOP. Its kernel still acknowledges what arrives. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private replyTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.child.off('message', onMessage);
        this.child.off('exit', onExit);
        act();
      };
      const onMessage = (message: unknown) => {
        const { id: replied, result, error } = message as Reply;
        if (replied !== id) return;
        settle(() => (error === undefined ? resolve(result) : reject(new Error(error))));
      };
      const onExit = (code: number | null) =>
        settle(() => reject(new Error(`The program ended with ${code} before it replied`)));
      this.child.on('message', onMessage);
      this.child.once('exit', onExit);
    });
  }
}

/** The settings with which the program was started. */
export function settings(): unknown {
  return JSON.parse(process.argv[2] ?? '{}') as unknown;
}

/** Reports that the program is ready, and handles calls from then on. */
export function handleCalls(handlers: Record<string, (argument: never) => unknown>): void {
  const handle = async ({ id, name, argument }: Call) => {
    try {
      reply({ id, result: await handlers[name]?.(argument as never) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (message) => void handle(message as Call));
  process.on('disconnect', () => process.exit());
  reply({ id: READY });
}

function reply(message: Reply): void {
  process.send?.(message);
}

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';
import { pack } from './pack.js';

interface Outcome {
  readonly code: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** An application that listens. */
export interface RunningApplication {
  readonly url: string;
  /** Ends it with SIGTERM. Resolves with all that it logged. */
  stop(): Promise<string>;
}

/** Without what Jest sets for its tests, and without the settings of this repository, which `npm run` hands on. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, JEST_WORKER_ID: __, FORCE_COLOR: ___, ...env } = process.env;
  const { npm_config_save_exact: ____, ...rest } = env;
  return { ...rest, NO_COLOR: '1' };
}

/**
 * A project that `nest new` of a version of the Nest CLI makes, in a temporary folder. The packed library lies beside it
 * in `nestjs-heartbeat/`, as in a clone of this repository.
 */
export class Starter {
  readonly #root = mkdtempSync(join(tmpdir(), 'starter-'));
  readonly #folder = join(this.#root, 'app');
  readonly #children: ChildProcessWithoutNullStreams[] = [];

  constructor(nest: number) {
    const clone = join(this.#root, 'nestjs-heartbeat');
    mkdirSync(clone);
    pack(clone);
    this.#run('npx', ['--yes', `@nestjs/cli@${nest}`, 'new', 'app', ...NEW_OPTIONS], this.#root);
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.#folder, file)), { recursive: true });
    writeFileSync(join(this.#folder, file), text);
  }

  /** Runs lines of a shell in the project. Throws with the output if one of them fails. */
  shell(lines: string): string {
    return this.#run('bash', ['-e', '-c', lines], this.#folder);
  }

  /** Starts the application that was built, as the script `start:prod` does, and waits until it listens. */
  async start(settings: NodeJS.ProcessEnv = {}): Promise<RunningApplication> {
    const port = await freePort();
    const { scripts } = JSON.parse(this.read('package.json')) as {
      scripts: Record<string, string>;
    };
    const [command = '', ...args] = String(scripts['start:prod']).split(' ');
    const env = { ...environment(), ...settings, PORT: `${port}` };
    const child = spawn(command, args, { cwd: this.#folder, env });
    this.#children.push(child);
    const log = logOf(child);
    while (!log().includes('Nest application successfully started')) {
      if (child.exitCode !== null) throw new Error(`The application ended:\n${log()}`);
      await once(child.stdout, 'data');
    }
    // Nest logs that it has started before it listens.
    while (!(await isListening(port))) await delay(50);
    return {
      url: `ws://127.0.0.1:${port}`,
      stop: async () => {
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        await exit;
        return log();
      },
    };
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.#root, { recursive: true, force: true });
  }

  #run(command: string, args: readonly string[], cwd: string): string {
    const { code, output } = run(command, args, cwd);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
    return output;
  }
}

const NEW_OPTIONS = ['--skip-git', '--package-manager', 'npm'];

function run(command: string, args: readonly string[], cwd: string): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: environment(),
    input: '',
    timeout: 400_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function logOf(child: ChildProcessWithoutNullStreams): () => string {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  }
  return () => log;
}

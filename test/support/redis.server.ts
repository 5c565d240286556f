import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

const running = new Set<RedisServer>();

type Program = 'redis-server' | 'valkey-server';

/** A redis-server or valkey-server in a child process, on a free port, that stores nothing on disk. */
export class RedisServer {
  private constructor(
    private readonly program: Program,
    readonly port: number,
    private readonly folder: string,
    private readonly options: readonly string[],
    private process: ChildProcess,
  ) {}

  /** Starts a server with further options, such as `--cluster-enabled yes`, and waits until it is ready. */
  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.run('redis-server', options);
  }

  /** Starts Valkey instead. */
  static startValkey(): Promise<RedisServer> {
    return RedisServer.run('valkey-server', []);
  }

  private static async run(program: Program, options: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'heartbeat-redis-'));
    const port = await freePort();
    const process = await launch(program, port, folder, options);
    const server = new RedisServer(program, port, folder, options, process);
    running.add(server);
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Stops the process with SIGSTOP: its kernel still accepts connections and data. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  /** Starts it again on its port, empty. */
  async restart(): Promise<void> {
    await this.kill();
    this.process = await launch(this.program, this.port, this.folder, this.options);
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Ends all servers that still run. For `afterAll()`. */
export async function stopRedis(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

async function launch(program: Program, port: number, folder: string, options: readonly string[]) {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn(program, [...settings, ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    output += String(chunk);
    if (output.includes('Ready to accept connections')) {
      server.stdout.resume();
      return server;
    }
  }
  throw new Error(`${program} did not start:\n${output}`);
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

const running = new Set<RedisServer>();

/** A redis-server in a child process, on a free port, that stores nothing on disk. */
export class RedisServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: readonly string[],
    private process: ChildProcess,
  ) {}

  /** Starts a server with further options, such as `--cluster-enabled yes`, and waits until it is ready. */
  static async start(...options: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'heartbeat-redis-'));
    const port = await freePort();
    const server = new RedisServer(port, folder, options, await launch(port, folder, options));
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
    this.process = await launch(this.port, this.folder, this.options);
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

async function launch(port: number, folder: string, options: readonly string[]) {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn('redis-server', [...settings, ...options], {
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
  throw new Error(`redis-server did not start:\n${output}`);
}

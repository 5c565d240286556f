import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

const running = new Set<RedisServer>();

/** A redis-server or valkey-server in a child process, on a free port, that stores nothing on disk. */
export class RedisServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly command: readonly string[],
    private process: ChildProcess,
  ) {}

  /** Starts a server with further options, such as `--cluster-enabled yes`, and waits until it is ready. */
  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.run(['redis-server'], options);
  }

  /** Starts Valkey instead. */
  static startValkey(): Promise<RedisServer> {
    return RedisServer.run(['valkey-server'], []);
  }

  /** Starts a server that all hosts of a test network can reach, with a command such as `ip netns exec`. */
  static startOn(launcher: readonly string[]): Promise<RedisServer> {
    const options = ['--bind', '0.0.0.0', '--protected-mode', 'no'];
    return RedisServer.run([...launcher, 'redis-server'], options);
  }

  private static async run(
    program: readonly string[],
    options: readonly string[],
  ): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'heartbeat-redis-'));
    const port = await freePort();
    const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const command = [...program, ...settings, ...options];
    const server = new RedisServer(port, folder, command, await launch(command));
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
    this.process = await launch(this.command);
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

async function launch([program = '', ...args]: readonly string[]) {
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
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

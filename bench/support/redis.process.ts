import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A redis-server of its own, on a free port, that stores nothing on disk. */
export class RedisProcess {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly client: Redis,
  ) {}

  static async start(): Promise<RedisProcess> {
    const port = await freePort();
    const options = [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = spawn('redis-server', options, { stdio: 'ignore' });
    process.once('exit', () => child.kill('SIGKILL'));
    // The driver connects again until the server is ready.
    const client = new Redis({ port, retryStrategy: () => 50 });
    client.on('error', () => {});
    await client.ping();
    return new RedisProcess(port, child, client);
  }

  /** Seconds of processor time so far. */
  async cpu(): Promise<number> {
    const info = await this.client.info('cpu');
    const used = (name: string) => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)?.[1]);
    return used('user') + used('sys');
  }

  /** Counts the commands that clients send in `duration` ms, without those of scripts and of this class. */
  async commandsIn(duration: number): Promise<number> {
    const socket = connect(this.port, '127.0.0.1');
    const lines = createInterface(socket);
    let commands = 0;
    lines.on('line', (line) => {
      if (/^\+[\d.]+ \[\d+ (?!lua)/.test(line) && !line.endsWith('"info" "cpu"')) commands++;
    });
    socket.write('MONITOR\r\n');
    await sleep(duration);
    socket.destroy();
    return commands;
  }

  /** The number of stored keys. */
  async size(): Promise<number> {
    return this.client.dbsize();
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

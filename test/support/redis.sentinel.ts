import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { RedisServer } from './redis.server.js';

/** A sentinel that watches a primary and its replica. */
export class RedisSentinel {
  /** The name of the primary. */
  static readonly PRIMARY = 'primary';

  private constructor(
    readonly port: number,
    readonly primary: RedisServer,
    readonly replica: RedisServer,
    private readonly folder: string,
    private readonly process: ChildProcess,
    private readonly control: Redis,
  ) {}

  /** Starts all three, and waits until the replica is in step. */
  static async start(): Promise<RedisSentinel> {
    const folder = mkdtempSync(join(tmpdir(), 'heartbeat-sentinel-'));
    const name = RedisSentinel.PRIMARY;
    const primary = await RedisServer.start();
    const replicates = ['--replicaof', '127.0.0.1', `${primary.port}`];
    const replica = await RedisServer.start(...replicates, '--replica-read-only', 'no');
    const port = await freePort();
    const settings = [
      `port ${port}`,
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
    ];
    writeFileSync(join(folder, 'sentinel.conf'), settings.join('\n'));
    const args = [join(folder, 'sentinel.conf'), '--sentinel'];
    const sentinel = spawn('redis-server', args, { stdio: 'ignore' });
    const control = new Redis({ port, host: '127.0.0.1' });
    control.on('error', () => {});
    const replicas = async () => JSON.stringify(await control.call('SENTINEL', 'REPLICAS', name));
    while (!(await replicas()).includes('master-link-status","ok')) await delay(100);
    return new RedisSentinel(port, primary, replica, folder, sentinel, control);
  }

  /** Makes the replica the primary, and waits until it is. */
  async failOver(): Promise<void> {
    const before = await this.primaryAddress();
    const command = ['FAILOVER', RedisSentinel.PRIMARY];
    while ((await this.control.call('SENTINEL', command).catch(() => '')) !== 'OK')
      await delay(200);
    await this.untilReplaced(before);
  }

  /** Kills the primary, and waits until the replica has taken its place. */
  async killPrimary(): Promise<void> {
    const before = await this.primaryAddress();
    await this.primary.kill();
    await this.untilReplaced(before);
  }

  stop(): void {
    this.control.disconnect();
    this.process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async untilReplaced(before: string): Promise<void> {
    while ((await this.primaryAddress()) === before) await delay(50);
  }

  private async primaryAddress(): Promise<string> {
    const command = ['GET-MASTER-ADDR-BY-NAME', RedisSentinel.PRIMARY];
    return JSON.stringify(await this.control.call('SENTINEL', command));
  }
}

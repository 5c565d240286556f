import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type PresenceStore, RedisPresenceStore } from 'nestjs-heartbeat/presence';
import { systemClock } from '../../../src/heartbeat.clock.js';
import { ConnectionSet } from './connection.set.js';
import type { Surroundings } from './surroundings.js';

/** How much longer than promised the nodes may take on a busy machine. Milliseconds. */
const PATIENCE = 20_000;
const POLL = 20;

/** A redis-server, in real time. Each node has connections of its own. */
export class RedisSurroundings implements Surroundings {
  readonly time = systemClock;
  readonly times = { renew: 150, lease: 500, deadline: 1_000 };
  private readonly connections = new Map<string, ConnectionSet>();
  private readonly admin: Redis;

  constructor(
    private readonly port: number,
    readonly random: () => number,
  ) {
    this.admin = new Redis(port);
  }

  latency(): number {
    return 0;
  }

  connect(id: string): PresenceStore {
    const connections = new ConnectionSet(this.port);
    this.connections.set(id, connections);
    return new RedisPresenceStore(connections.client);
  }

  cut(id: string): void {
    this.connections.get(id)?.end();
  }

  /** All data, or one key. */
  async loseData(choice: number): Promise<void> {
    const keys = await this.admin.keys('*');
    const lost = keys.toSorted()[Math.floor(this.random() * keys.length)];
    if (choice < 3) await this.admin.flushall();
    else if (lost !== undefined) await this.admin.del(lost);
  }

  async pass(ms: number): Promise<void> {
    await delay(ms);
  }

  answer<Result>(promise: Promise<Result>): Promise<Result> {
    return promise;
  }

  async agree(within: number, differences: () => Promise<string[]>): Promise<string[]> {
    const end = this.time.now() + within + PATIENCE;
    for (;;) {
      const found = await differences();
      if (found.length === 0 || this.time.now() > end) return found;
      await delay(POLL);
    }
  }

  async end(): Promise<void> {
    for (const connections of this.connections.values()) connections.end();
    await this.admin.flushall();
    this.admin.disconnect();
  }
}

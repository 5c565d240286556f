import type { PresenceEntry, PresenceOptions } from 'nestjs-heartbeat/presence';
import { Child, type Launch } from '../../support/child.js';

const PROGRAM = new URL('./presence.server.mjs', import.meta.url);

/** Times that are short enough for a test and long enough for a busy machine. */
export const SHORT_LEASE = { lease: 1_000, renew: 300, linger: 300, deadline: 1_000 };

/** How long a store that lost data, or was away, takes to be whole. Milliseconds. */
export const healingTime = ({ renew }: { renew: number }) => 1.1 * renew + 1_000;

/** A server of Redis, or sentinels that know it. */
type RedisAddress =
  | { readonly host?: string; readonly port: number }
  | {
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      readonly name: string;
    };

/** Settings of a node. */
export interface NodeSettings extends Launch {
  readonly redis: RedisAddress;
  readonly driver?: 'ioredis' | 'node-redis';
  readonly options?: Omit<PresenceOptions, 'store'>;
  readonly drainWithin?: number;
}

/** A change that a node reported, `+key` or `-key`, and its time on the clock of this process. */
export interface ReportedChange {
  readonly key: string;
  readonly event: string;
  readonly at: number;
}

/** What a query load measured. */
export interface LoadReport {
  readonly sent: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly longest: number;
}

/** A node in a child process, with a Redis client of its own. It records changes from its start on. */
export class NodeProcess {
  private constructor(
    readonly child: Child,
    readonly id: string,
    readonly url: string,
    private readonly clockDifference: number,
  ) {}

  static async start({ redis, driver, drainWithin, ...rest }: NodeSettings): Promise<NodeProcess> {
    const { options = SHORT_LEASE, ...launch } = rest;
    const server = 'port' in redis ? { host: redis.host ?? '127.0.0.1', port: redis.port } : redis;
    const settings = { redis: server, driver, drainWithin, options: { node: 'node', ...options } };
    const child = await Child.start(PROGRAM, settings, launch);
    const id = await child.request<string>('id');
    const url = await child.request<string>('url');
    const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();
    const difference = (await child.request<number>('origin')) - origin;
    return new NodeProcess(child, id, url, difference);
  }

  state(): Promise<'current' | 'stale'> {
    return this.child.request('state');
  }

  isPresent(key: string): Promise<boolean> {
    return this.child.request('isPresent', key);
  }

  count(): Promise<number> {
    return this.child.request('count');
  }

  /** The ids of the nodes whose lease has not ended. */
  nodes(): Promise<string[]> {
    return this.child.request('nodes');
  }

  entries(): Promise<PresenceEntry[]> {
    return this.child.request('entries');
  }

  async keys(): Promise<string[]> {
    return (await this.entries()).map(({ key }) => key);
  }

  disconnect(key: string): Promise<{ closed: number; pending: string[] }> {
    return this.child.request('disconnect', key);
  }

  /** What it reported since its start of the keys whose names start with a text. */
  async changes(prefix = ''): Promise<ReportedChange[]> {
    const changes = await this.child.request<ReportedChange[]>('changes', prefix);
    return changes.map((change) => ({ ...change, at: this.toLocal(change.at) }));
  }

  async events(prefix = ''): Promise<string[]> {
    return (await this.changes(prefix)).map(({ event }) => event);
  }

  /** Sends `rate` queries a second to the store. */
  async beginLoad(rate: number): Promise<void> {
    await this.child.request('beginLoad', rate);
  }

  endLoad(): Promise<LoadReport> {
    return this.child.request('endLoad');
  }

  /** How many commands of its Redis client were unanswered at once. */
  mostUnanswered(): Promise<number> {
    return this.child.request('mostUnanswered');
  }

  /** When its Redis client connected, for the last time. */
  async connectedAt(): Promise<number> {
    return this.toLocal(await this.child.request('readyAt'));
  }

  private toLocal(time: number): number {
    return time + this.clockDifference;
  }
}

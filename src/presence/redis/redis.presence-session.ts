import type {
  PresenceBatch,
  PresenceMessage,
  PresenceNodePage,
  PresenceOrder,
  PresencePage,
  PresenceRenewal,
  PresenceSession,
} from '../presence.store.js';
import { ACKNOWLEDGE, ORDER } from './order.scripts.js';
import { COUNT, FIND, READ } from './query.scripts.js';
import type { RedisDriver } from './redis.driver.js';
import { runScript } from './redis.driver.js';
import { decodeMessage, encodeMembers, encodeMessage, memberOf } from './redis.messages.js';
import { readPage } from './redis.paging.js';
import { pagesOf, renewalOf, textsOf } from './redis.replies.js';
import type { RedisScript } from './redis.script.js';
import { RedisSubscriptions } from './redis.subscriptions.js';
import { CLOSE, RENEW } from './renew.scripts.js';
import { WRITE } from './write.script.js';

/** Data of a node is dropped when its lease ended this many leases ago. */
const LEASES_UNTIL_DROPPED = 10;
/** Data that no node drops expires by itself this many leases after the last renewal. */
const LEASES_UNTIL_EXPIRED = 12;
/** The default of the module, until the first renewal brings the real one. In ms. */
const DEFAULT_LEASE = 15_000;

/** How long the first renewal waits for the subscription at most. In ms. */
const MOST_READY_TIME = 500;

/** What one script reads at most: these keep it below 10 ms (docs/presence-redis.md). */
const MOST_ENTRIES = 5_000;
const MOST_META_BYTES = 2 * 1024 * 1024;
/** `count()` is exact up to so many entries, and takes so many samples above it. */
const COUNTED_EXACTLY = 10_000;
const SAMPLES = 1_000;
/** How many reads one script of `count()` does at most: of a sample some of them, and one more for each node. */
const MOST_READS = 4_000;
const READS_OF_SAMPLE = 5;

/** The session of one node in Redis or Valkey. Each call is one script. */
export class RedisPresenceSession implements PresenceSession {
  private readonly leases: string;
  private readonly nodeChannels: string;
  private readonly changesChannel: string;
  private readonly subscriptions: RedisSubscriptions;
  private readonly collected = new Set<string>();
  /** Other nodes send orders from the first renewal on, so that one waits for the subscription. */
  private readonly ready: Promise<void>;
  private ttl = LEASES_UNTIL_EXPIRED * DEFAULT_LEASE;
  private nodes = 1;
  /** Writes are sent one after the other: one that has to send its script again must not be overtaken. */
  private lastWrite: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly driver: RedisDriver,
    prefix: string,
    private readonly node: string,
    private readonly receive: (message: PresenceMessage) => void,
  ) {
    const base = `{${prefix}}:`;
    this.leases = `${base}leases`;
    this.nodeChannels = `${base}${driver.scope}:node:`;
    this.changesChannel = `${base}${driver.scope}:changes`;
    this.subscriptions = new RedisSubscriptions(driver, (message) => this.onMessage(message));
    this.ready = settled(this.subscriptions.subscribe(this.nodeChannels + node), MOST_READY_TIME);
  }

  async renew(lease: number, draining: boolean): Promise<PresenceRenewal> {
    this.assertOpen();
    this.subscriptions.restore();
    await this.ready;
    this.ttl = Math.ceil(LEASES_UNTIL_EXPIRED * lease);
    const collected = [...this.collected];
    const reply = await this.run(RENEW, [
      this.node,
      String(Math.ceil(lease)),
      draining ? '1' : '0',
      String(this.ttl),
      String(Math.ceil(LEASES_UNTIL_DROPPED * lease)),
      ...collected,
    ]);
    for (const id of collected) this.collected.delete(id);
    const renewal = renewalOf(reply);
    this.nodes = renewal.nodes.length;
    const orders = renewal.orders.filter(({ id }) => !this.collected.has(id));
    for (const { id } of orders) this.collected.add(id);
    return { ...renewal, orders };
  }

  async write(batch: PresenceBatch): Promise<void> {
    await this.inOrder(() => this.run(WRITE, this.writeArguments(batch)));
  }

  async find(topic: string, key: string): Promise<string[]> {
    return textsOf(await this.run(FIND, [memberOf(topic, key)]));
  }

  read(topic: string, { after, limit, node = '' }: PresencePage): Promise<PresenceNodePage[]> {
    const budgets = [String(MOST_ENTRIES), String(MOST_META_BYTES)];
    const read = async (from = '') =>
      pagesOf(await this.run(READ, [topic, from, String(limit), node, ...budgets]));
    return readPage(read, after, limit);
  }

  /** The samples are spread over several scripts, which are sent together. */
  async count(topic: string): Promise<number> {
    const slices = Math.ceil((SAMPLES * (this.nodes + READS_OF_SAMPLE)) / MOST_READS);
    const samples = Math.ceil(SAMPLES / slices);
    const replies = await Promise.all(
      Array.from({ length: slices }, (_, slice) =>
        this.run(COUNT, [topic, ...[COUNTED_EXACTLY, samples, slice, slices].map(String)]),
      ),
    );
    const counts = replies.map(Number).filter((count) => count >= 0);
    return Math.round(counts.reduce((total, count) => total + count, 0) / counts.length);
  }

  async order(order: PresenceOrder, validUntil: number): Promise<string[]> {
    const { upTo: _, ...text } = order;
    const reply = await this.run(ORDER, [
      memberOf(order.topic, order.key),
      order.id,
      JSON.stringify(text),
      String(validUntil),
      String(this.ttl),
      this.nodeChannels,
    ]);
    return textsOf(reply);
  }

  async acknowledge(to: string, order: string, closed: number): Promise<void> {
    const message = encodeMessage({ type: 'acknowledged', order, node: this.node, closed });
    await this.run(ACKNOWLEDGE, [this.node, order, this.nodeChannels + to, message]);
  }

  async watch(): Promise<void> {
    this.assertOpen();
    await this.subscriptions.subscribe(this.changesChannel);
  }

  async close(): Promise<void> {
    this.assertOpen();
    this.subscriptions.close();
    const message = encodeMessage({ type: 'gone', node: this.node });
    const args = [this.node, this.changesChannel, message];
    const closing = this.inOrder(() => runScript(this.driver, CLOSE, this.leases, args));
    this.isClosed = true;
    await closing;
  }

  private writeArguments({ version, after = 0, part, put, remove }: PresenceBatch): string[] {
    const { node } = this;
    const metas = put.flatMap(({ topic, key, meta }) =>
      meta === undefined ? [] : [memberOf(topic, key), meta],
    );
    const orders = put.flatMap(({ topic, key, exclusive }, index) => {
      if (exclusive === undefined) return [];
      const id = `${node}:${version}:${index}`;
      const order: PresenceOrder = { id, from: node, topic, key, ...exclusive };
      return [memberOf(topic, key), id, JSON.stringify(order)];
    });
    return [
      node,
      String(version),
      String(after),
      part ?? '',
      String(this.ttl),
      this.changesChannel,
      this.nodeChannels,
      encodeMembers(node, version, put, remove),
      part === undefined ? '' : encodeMessage({ type: 'rewritten', node, version }),
      String(metas.length),
      ...metas,
      ...orders,
    ];
  }

  private onMessage(text: string): void {
    const message = decodeMessage(text);
    const isOwn = 'node' in message && message.node === this.node;
    if (isOwn && message.type !== 'acknowledged') return;
    if (!this.isClosed) this.receive(message);
  }

  private inOrder<Reply>(write: () => Promise<Reply>): Promise<Reply> {
    const reply = this.lastWrite.then(write, write);
    this.lastWrite = reply.catch(() => {});
    return reply;
  }

  private async run(script: RedisScript, args: string[]): Promise<unknown> {
    this.assertOpen();
    return runScript(this.driver, script, this.leases, args);
  }

  private assertOpen(): void {
    if (this.isClosed) throw new Error('The session of this node is closed.');
  }
}

/** Resolves when a promise has settled, and after `time` ms at the latest. */
function settled(promise: Promise<unknown>, time: number): Promise<void> {
  return new Promise((resolve) => {
    // Real time: the application makes the store, outside of the module, and the server that it waits for is real.
    // oxlint-disable-next-line no-restricted-globals
    const timer = setTimeout(resolve, time);
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    promise.then(settle, settle);
  });
}

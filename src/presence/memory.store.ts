import { randomUUID } from 'node:crypto';
import { systemClock, type HeartbeatClock } from '../heartbeat.clock.js';
import { MemoryNode } from './memory.node.js';
import type {
  PresenceBatch,
  PresenceMessage,
  PresenceNodePage,
  PresenceOrder,
  PresencePage,
  PresenceRenewal,
  PresenceSession,
  PresenceStore,
} from './presence.store.js';

/** How many leases a node stays stored behind the end of its own. */
const KEPT_LEASES = 10;

/** Where the messages for a node go. */
interface Mailbox {
  readonly receive: (message: PresenceMessage) => void;
  watching: boolean;
}

/**
 * Keeps presence in the memory of this process. Applications of a process that share an instance see each other.
 *
 * @publicApi
 */
export class MemoryPresenceStore implements PresenceStore {
  private readonly nodes = new Map<string, MemoryNode>();
  private readonly mailboxes = new Map<string, Mailbox>();

  /** @param clock measures the leases; default: the clock of the process */
  constructor(private readonly clock: Pick<HeartbeatClock, 'now'> = systemClock) {}

  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession {
    this.mailboxes.set(node, { receive, watching: false });
    return new MemorySession(node, this.nodes, this.mailboxes, this.clock);
  }
}

/** The session of one node. Each call is carried out before it returns its promise. */
class MemorySession implements PresenceSession {
  private closed = false;

  constructor(
    private readonly id: string,
    private readonly nodes: Map<string, MemoryNode>,
    private readonly mailboxes: Map<string, Mailbox>,
    private readonly clock: Pick<HeartbeatClock, 'now'>,
  ) {}

  async renew(lease: number, draining: boolean): Promise<PresenceRenewal> {
    this.refuseClosed();
    const now = this.clock.now();
    const own = this.ownNode();
    const held = own.renew(lease, draining, now);
    for (const node of this.nodes.values()) {
      if (node.isDeadFor(KEPT_LEASES * lease, now)) this.nodes.delete(node.id);
    }
    const nodes = [...this.nodes.values()].map((node) => node.state(now));
    return { now, held, nodes, orders: own.takeOrders() };
  }

  async write(batch: PresenceBatch): Promise<void> {
    this.refuseClosed();
    const { version, after = 0, part, put, remove } = batch;
    const own = this.ownNode();
    if ((own.version ?? 0) < after) throw new Error('The store has lost data of this node.');
    if (!own.write(batch)) return;
    for (const item of put) {
      if (item.exclusive === undefined) continue;
      const { topic, key, exclusive } = item;
      const order = { id: randomUUID(), from: this.id, topic, key, ...exclusive };
      this.store(order, (node) => node.id !== this.id);
    }
    this.announce(
      part === undefined
        ? {
            type: 'changed',
            node: this.id,
            version,
            put: put.map(({ topic, key }) => [topic, key] as const),
            remove: [...remove],
          }
        : { type: 'rewritten', node: this.id, version },
    );
  }

  async find(topic: string, key: string): Promise<string[]> {
    this.refuseClosed();
    return this.alive()
      .filter(({ entries }) => entries.has(topic, key))
      .map(({ id }) => id);
  }

  async read(topic: string, { after, limit, node }: PresencePage): Promise<PresenceNodePage[]> {
    this.refuseClosed();
    const nodes = node === undefined ? this.alive() : [this.nodes.get(node)];
    return nodes.flatMap((one) =>
      one?.version === undefined
        ? []
        : [{ node: one.id, version: one.version, items: one.entries.page(topic, after, limit) }],
    );
  }

  async count(topic: string): Promise<number> {
    this.refuseClosed();
    const keys = new Set<string>();
    for (const { entries } of this.alive()) for (const key of entries.keysOf(topic)) keys.add(key);
    return keys.size;
  }

  async order(order: PresenceOrder, validUntil: number): Promise<string[]> {
    this.refuseClosed();
    return this.clock.now() > validUntil ? [] : this.store(order, () => true);
  }

  async acknowledge(to: string, order: string, closed: number): Promise<void> {
    this.refuseClosed();
    this.send(to, { type: 'acknowledged', order, node: this.id, closed });
  }

  async watch(): Promise<void> {
    this.refuseClosed();
    const mailbox = this.mailboxes.get(this.id);
    if (mailbox !== undefined) mailbox.watching = true;
  }

  async close(): Promise<void> {
    this.refuseClosed();
    this.closed = true;
    this.nodes.delete(this.id);
    this.mailboxes.delete(this.id);
    this.announce({ type: 'gone', node: this.id });
  }

  private refuseClosed(): void {
    if (this.closed) throw new Error('The session is closed.');
  }

  private ownNode(): MemoryNode {
    let node = this.nodes.get(this.id);
    if (node === undefined) this.nodes.set(this.id, (node = new MemoryNode(this.id)));
    return node;
  }

  private alive(): MemoryNode[] {
    const now = this.clock.now();
    return [...this.nodes.values()].filter((node) => node.isAlive(now));
  }

  /** Stores an order for those holders of its key that fit, and sends it to them. Returns their ids. */
  private store(order: PresenceOrder, fits: (node: MemoryNode) => boolean): string[] {
    const holders = [...this.nodes.values()].filter(
      (node) => node.entries.has(order.topic, order.key) && fits(node),
    );
    for (const node of holders) {
      this.send(node.id, { type: 'order', order: node.addOrder(order) });
    }
    return holders.map(({ id }) => id);
  }

  private announce(message: PresenceMessage): void {
    for (const [id, { watching }] of this.mailboxes) {
      if (watching && id !== this.id) this.send(id, message);
    }
  }

  /** Delivers a message after the current call. */
  private send(to: string, message: PresenceMessage): void {
    queueMicrotask(() => this.mailboxes.get(to)?.receive(message));
  }
}

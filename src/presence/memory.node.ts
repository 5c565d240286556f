import { MemoryEntries } from './memory.entries.js';
import type { PresenceBatch, PresenceNodeState, PresenceOrder } from './presence.store.js';

/** What a `MemoryPresenceStore` keeps of one node. */
export class MemoryNode {
  private data = new MemoryEntries();
  private storedVersion: number | undefined;
  private rewrite: { readonly version: number; readonly entries: MemoryEntries } | undefined;
  private lease = 0;
  private renewedAt = -Infinity;
  private draining = false;
  private orders: PresenceOrder[] = [];

  constructor(readonly id: string) {}

  get entries(): MemoryEntries {
    return this.data;
  }

  get version(): number | undefined {
    return this.storedVersion;
  }

  isAlive(now: number): boolean {
    return this.leaseLeft(now) > 0;
  }

  /** Whether the lease ended longer ago than `time`. A node that never had one is kept: its first renewal is to come. */
  isDeadFor(time: number, now: number): boolean {
    return this.renewedAt !== -Infinity && -this.leaseLeft(now) > time;
  }

  /** Returns whether the lease had not ended before. */
  renew(lease: number, draining: boolean, now: number): boolean {
    const held = this.isAlive(now);
    this.lease = lease;
    this.renewedAt = now;
    this.draining = draining;
    return held;
  }

  /** Returns whether the visible entries changed. */
  write({ version, part, put, remove }: PresenceBatch): boolean {
    if (version <= (this.storedVersion ?? -Infinity)) return false;
    if (part === 'first') this.rewrite = { version, entries: new MemoryEntries() };
    if (part !== undefined && this.rewrite?.version !== version) return false;
    const entries = (part === undefined ? undefined : this.rewrite?.entries) ?? this.data;
    for (const [topic, key] of remove) entries.remove(topic, key);
    for (const item of put) entries.put(item);
    if (part === 'first' || part === 'more') return false;
    this.data = entries;
    this.storedVersion = version;
    this.rewrite = undefined;
    return true;
  }

  /** Stores an order for this node, and returns it as it is stored. */
  addOrder(order: PresenceOrder): PresenceOrder {
    const stored = { ...order, upTo: this.storedVersion ?? 0 };
    this.orders.push(stored);
    return stored;
  }

  /** Returns the orders for this node once. */
  takeOrders(): PresenceOrder[] {
    const { orders } = this;
    this.orders = [];
    return orders;
  }

  state(now: number): PresenceNodeState {
    return {
      id: this.id,
      leaseLeft: this.renewedAt === -Infinity ? 0 : this.leaseLeft(now),
      draining: this.draining,
      ...(this.storedVersion !== undefined && { version: this.storedVersion }),
      ...this.data.count(),
    };
  }

  /** Exactly the lease at the time of the renewal, which `now + lease - now` is not. */
  private leaseLeft(now: number): number {
    return this.lease - (now - this.renewedAt);
  }
}

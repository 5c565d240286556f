import type { PresenceItem } from './presence.store.js';
import { compareUtf8, indexBehind } from './utf8.order.js';

/** The entries of one topic, by key. The sorted keys are made when they are read. */
class TopicEntries {
  readonly metas = new Map<string, string | undefined>();
  private sorted: readonly string[] | undefined;

  set(key: string, meta: string | undefined): void {
    if (!this.metas.has(key)) this.sorted = undefined;
    this.metas.set(key, meta);
  }

  delete(key: string): void {
    if (this.metas.delete(key)) this.sorted = undefined;
  }

  page(after: string | undefined, limit: number): [key: string, meta?: string][] {
    this.sorted ??= [...this.metas.keys()].toSorted(compareUtf8);
    const start = after === undefined ? 0 : indexBehind(this.sorted, after);
    return this.sorted.slice(start, start + limit).map((key) => {
      const meta = this.metas.get(key);
      return meta === undefined ? [key] : [key, meta];
    });
  }
}

/** The entries of one node, by topic. */
export class MemoryEntries {
  private keys = 0;
  private metas = 0;
  private readonly topics = new Map<string, TopicEntries>();

  put({ topic, key, meta }: PresenceItem): void {
    let entries = this.topics.get(topic);
    if (entries === undefined) this.topics.set(topic, (entries = new TopicEntries()));
    this.uncount(entries, key);
    entries.set(key, meta);
    this.keys++;
    if (meta !== undefined) this.metas++;
  }

  remove(topic: string, key: string): void {
    const entries = this.topics.get(topic);
    if (entries === undefined) return;
    this.uncount(entries, key);
    entries.delete(key);
    if (entries.metas.size === 0) this.topics.delete(topic);
  }

  has(topic: string, key: string): boolean {
    return this.topics.get(topic)?.metas.has(key) ?? false;
  }

  keysOf(topic: string): Iterable<string> {
    return this.topics.get(topic)?.metas.keys() ?? [];
  }

  page(topic: string, after: string | undefined, limit: number): [key: string, meta?: string][] {
    return this.topics.get(topic)?.page(after, limit) ?? [];
  }

  /** The number of entries, and of those with meta. */
  count(): { keys: number; metas: number } {
    return { keys: this.keys, metas: this.metas };
  }

  private uncount({ metas }: TopicEntries, key: string): void {
    if (!metas.has(key)) return;
    this.keys--;
    if (metas.get(key) !== undefined) this.metas--;
  }
}

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
  private readonly topics = new Map<string, TopicEntries>();

  put({ topic, key, meta }: PresenceItem): void {
    let entries = this.topics.get(topic);
    if (entries === undefined) this.topics.set(topic, (entries = new TopicEntries()));
    entries.set(key, meta);
  }

  remove(topic: string, key: string): void {
    const entries = this.topics.get(topic);
    entries?.delete(key);
    if (entries?.metas.size === 0) this.topics.delete(topic);
  }

  has(topic: string, key: string): boolean {
    return this.topics.get(topic)?.metas.has(key) ?? false;
  }

  keys(topic: string): Iterable<string> {
    return this.topics.get(topic)?.metas.keys() ?? [];
  }

  page(topic: string, after: string | undefined, limit: number): [key: string, meta?: string][] {
    return this.topics.get(topic)?.page(after, limit) ?? [];
  }

  /** The number of entries, and of those with meta. */
  count(): { keys: number; metas: number } {
    let keys = 0;
    let metas = 0;
    for (const entries of this.topics.values()) {
      keys += entries.metas.size;
      for (const meta of entries.metas.values()) if (meta !== undefined) metas++;
    }
    return { keys, metas };
  }
}

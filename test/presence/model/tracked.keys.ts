/** A client under a key. */
interface Tracked {
  readonly key: string;
  readonly meta: unknown;
}

/** What is tracked on one node, in the simplest form: the keys of its clients in each topic. */
export class TrackedKeys {
  /** By topic and client, in the order in which they were tracked. */
  private readonly topics = new Map<string, Map<number, Tracked>>();

  track(slot: number, key: string, { topic, meta }: { topic: string; meta?: unknown }): void {
    const clients = this.topics.get(topic) ?? new Map<number, Tracked>();
    this.topics.set(topic, clients);
    clients.delete(slot);
    clients.set(slot, { key, meta });
  }

  untrack(slot: number, topic?: string): void {
    for (const [name, clients] of this.topics)
      if (topic === undefined || topic === name) clients.delete(slot);
  }

  clear(): void {
    this.topics.clear();
  }

  /** The keys of a topic, each with the meta of the client that was tracked last. */
  metasOf(topic: string): Map<string, unknown> {
    const metas = new Map<string, unknown>();
    for (const { key, meta } of this.topics.get(topic)?.values() ?? []) metas.set(key, meta);
    return metas;
  }
}

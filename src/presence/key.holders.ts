const SEPARATOR = '\0';

/** Which nodes hold which keys of a topic. Keys on the same nodes share one list of them, to save memory. */
export class KeyHolders {
  private readonly byKey = new Map<string, readonly string[]>();
  private readonly lists = new Map<string, readonly string[]>();

  /** Returns whether the key was on no node before. */
  add(key: string, node: string): boolean {
    const holders = this.byKey.get(key);
    if (holders?.includes(node)) return false;
    this.byKey.set(key, this.shared([...(holders ?? []), node]));
    return holders === undefined;
  }

  /** Returns whether the key is on no node any more. */
  remove(key: string, node: string): boolean {
    const holders = this.byKey.get(key);
    if (!holders?.includes(node)) return false;
    const rest = holders.filter((holder) => holder !== node);
    if (rest.length > 0) this.byKey.set(key, this.shared(rest));
    else this.byKey.delete(key);
    return rest.length === 0;
  }

  keysOf(node: string): string[] {
    const lists = new Set([...this.lists.values()].filter((list) => list.includes(node)));
    const keys: string[] = [];
    for (const [key, holders] of this.byKey) if (lists.has(holders)) keys.push(key);
    return keys;
  }

  /** Releases the lists of a node that holds no key any more. */
  release(node: string): void {
    for (const [name, list] of this.lists) if (list.includes(node)) this.lists.delete(name);
  }

  private shared(nodes: readonly string[]): readonly string[] {
    const sorted = nodes.toSorted();
    const name = sorted.join(SEPARATOR);
    let list = this.lists.get(name);
    if (list === undefined) this.lists.set(name, (list = sorted));
    return list;
  }
}

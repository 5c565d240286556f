import type { LocalEntry } from './local.entry.js';

/** Changes that are remembered one by one. Above it a rewrite is cheaper, and takes no memory. */
const MOST_PENDING = 100_000;

/** The entries that the store has not learnt of. Several changes of one are one. */
export class PendingEntries {
  private entries = new Set<LocalEntry>();

  get size(): number {
    return this.entries.size;
  }

  get isFull(): boolean {
    return this.entries.size > MOST_PENDING;
  }

  add(entry: LocalEntry): void {
    this.entries.add(entry);
  }

  has(entry: LocalEntry): boolean {
    return this.entries.has(entry);
  }

  clear(): void {
    this.entries.clear();
  }

  /** Removes and returns the oldest entries. */
  take(count: number): LocalEntry[] {
    const taken: LocalEntry[] = [];
    for (const entry of this.entries) {
      if (taken.length === count) break;
      taken.push(entry);
      this.entries.delete(entry);
    }
    return taken;
  }

  /**
   * Puts entries back in front of all others. The next batch contains them all, so it does not matter whether the store
   * has carried out the batch that failed.
   */
  putBack(entries: readonly LocalEntry[]): void {
    this.entries = new Set([...entries, ...this.entries]);
  }
}

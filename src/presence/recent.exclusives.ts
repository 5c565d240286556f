import type { EntryBatch } from './entry.batch.js';
import type { LocalEntry } from './local.entry.js';
import type { CheckedCloseFrame } from './presence.arguments.js';

/** An exclusive entry that the store has carried out. */
interface StoredExclusive {
  readonly frame: CheckedCloseFrame;
  readonly storedAt: number;
}

/**
 * The exclusive entries of the last time. A store that loses data forgets for a while which nodes hold the key, and orders
 * that it has not delivered, so they are written again.
 */
export class RecentExclusives {
  private readonly entries = new Map<LocalEntry, StoredExclusive>();

  /** @param kept for how long they are repeated, in ms */
  constructor(private readonly kept: number) {}

  onStored({ exclusives }: EntryBatch, now: number): void {
    for (const [entry, frame] of exclusives) {
      this.entries.delete(entry);
      this.entries.set(entry, { frame, storedAt: now });
    }
  }

  /** Forgets those that were stored long ago. */
  settle(now: number): void {
    for (const [entry, { storedAt }] of this.entries) {
      if (now - storedAt < this.kept) return;
      this.entries.delete(entry);
    }
  }

  /** Makes the entries exclusive again, from a version of this node's data on. Returns them. */
  repeat(version: number): LocalEntry[] {
    const repeated: LocalEntry[] = [];
    for (const [entry, { frame }] of this.entries)
      if (entry.repeatExclusive(frame, version)) repeated.push(entry);
    this.entries.clear();
    return repeated;
  }
}

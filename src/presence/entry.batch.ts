import type { LocalEntry, StoredForm } from './local.entry.js';
import type { CheckedCloseFrame } from './presence.arguments.js';
import type { PresenceBatch, PresenceItem } from './presence.store.js';

/** An entry of a batch, in the form in which it is written. */
interface WrittenEntry {
  readonly entry: LocalEntry;
  readonly form: StoredForm;
  readonly exclusive: CheckedCloseFrame | undefined;
}

/** Changes for one write, and the entries that they come from. */
export class EntryBatch {
  readonly put: PresenceItem[] = [];
  readonly remove: [topic: string, key: string][] = [];
  /** How many entries and metas the store has more after the write. */
  readonly growth = { keys: 0, metas: 0 };
  private readonly written: WrittenEntry[] = [];

  constructor(entries: readonly LocalEntry[]) {
    for (const entry of entries) this.add(entry);
  }

  get entries(): LocalEntry[] {
    return this.written.map(({ entry }) => entry);
  }

  /** The exclusive entries, with their close frames. */
  get exclusives(): (readonly [LocalEntry, CheckedCloseFrame])[] {
    return this.written.flatMap(({ entry, exclusive }) =>
      exclusive === undefined ? [] : [[entry, exclusive] as const],
    );
  }

  /** Whether the store needs no write: all entries came and went since the last one. */
  get isEmpty(): boolean {
    return this.put.length === 0 && this.remove.length === 0;
  }

  /** The batch for the store. `after`: the version that it is sure to have. */
  at(version: number, after: number): PresenceBatch {
    return { version, after, put: this.put, remove: this.remove };
  }

  /** The store has carried out the write. */
  markStored(): void {
    for (const { entry, form, exclusive } of this.written) entry.markStored(form, exclusive);
  }

  /** The store may or may not have carried out the write: it is repeated with this version. */
  markUncertain(version: number): void {
    for (const { entry } of this.written) entry.markUncertain();
    for (const [entry] of this.exclusives) entry.renumberLatest(version);
  }

  private add(entry: LocalEntry): void {
    const { nextForm: form, stored, exclusive } = entry;
    this.written.push({ entry, form, exclusive });
    this.growth.keys += Number(form !== 'absent') - Number(stored !== 'absent');
    this.growth.metas += Number(form === 'with meta') - Number(stored === 'with meta');
    if (form !== 'absent') this.put.push({ ...entry.toItem(), ...(exclusive && { exclusive }) });
    else if (entry.mayBeStored) this.remove.push([entry.topic, entry.key]);
  }
}

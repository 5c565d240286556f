import { Inject, Injectable } from '@nestjs/common';
import { StartContext } from '../connections/start.context.js';
import { EntryBatch } from './entry.batch.js';
import type { LocalEntry, StoredForm } from './local.entry.js';
import { LocalPresence } from './local.presence.js';
import { PendingEntries } from './pending.entries.js';
import { PresenceClock } from './presence.clock.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import type { PresenceItem, PresenceNodeState } from './presence.store.js';
import { RecentExclusives } from './recent.exclusives.js';
import { StoreCommands } from './store.commands.js';
import { StoredVersions, type StoredCheck, type StoredState } from './stored.versions.js';

/** So many changes are written at once, fewer wait for more. */
const ENOUGH = 100;
/** How long changes wait for more. A timer fires up to 1 ms late. Milliseconds. */
const BATCH_DELAY = 4;
/** Changes of one command. A larger one would keep the store from answering others. */
const MOST_IN_BATCH = 250;

/** What the writer reports. */
export interface WriterObserver {
  /** The store has carried out a batch. */
  onStored(batch: EntryBatch): void;
  /** The store has all entries again, after a rewrite. */
  onRewritten(): void;
  /** A write failed. No further one is sent until a renewal succeeds. */
  onWriteFailed(error: unknown): void;
  /** Everything is written. */
  onWritten(): void;
}

/**
 * Writes the entries of this node: changes in batches, one after the other, or all entries anew where the store lost
 * some. Owns the version of this node's data.
 */
@Injectable()
export class EntryWriter {
  private readonly pending = new PendingEntries();
  private readonly versions = new StoredVersions();
  private readonly recent: RecentExclusives;
  private stored: StoredState = { version: 0, keys: 0, metas: 0 };
  /** The version that was sent last. */
  private version = 0;
  private isPaused = true;
  private isBusy = false;
  private needsRewrite = false;
  private timer: NodeJS.Timeout | undefined;
  private observer: WriterObserver | undefined;

  constructor(
    private readonly local: LocalPresence,
    private readonly commands: StoreCommands,
    private readonly start: StartContext,
    private readonly clock: PresenceClock,
    @Inject(PRESENCE_OPTIONS) { lease }: ResolvedPresenceOptions,
  ) {
    this.recent = new RecentExclusives(lease);
  }

  /** The version of the next write, which contains all changes from now on. */
  get nextVersion(): number {
    return this.version + 1;
  }

  get isWritten(): boolean {
    return !this.isPaused && !this.isBusy && !this.needsRewrite && this.pending.size === 0;
  }

  observe(observer: WriterObserver): void {
    this.observer = observer;
  }

  /** Writes an entry that changed, within 5 ms unless the store is away. */
  add(entry: LocalEntry): void {
    if (this.needsRewrite) {
      // The rewrite contains what is left.
      this.local.forget(entry);
      return;
    }
    this.pending.add(entry);
    if (this.pending.isFull) this.requestRewrite();
    this.schedule();
  }

  /** Begins to compare what the store has with what was written. Call it before a renewal is sent. */
  beginCheck(): StoredCheck {
    return this.versions.beginCheck();
  }

  /** The renewal failed, or a newer one was answered. */
  cancelCheck(check: StoredCheck): void {
    this.versions.cancelCheck(check);
  }

  /**
   * Goes on writing after a renewal succeeded. Returns `false` if the store has lost data, which is written anew.
   *
   * @param isDisturbed whether the store was away, or lost data, within the last lease
   */
  resume(check: StoredCheck, own: PresenceNodeState | undefined, isDisturbed: boolean): boolean {
    if (isDisturbed) for (const entry of this.recent.repeat(this.nextVersion)) this.add(entry);
    else this.recent.settle(this.clock.now());
    const isComplete = this.versions.endCheck(check, own) !== false;
    if (!isComplete) this.requestRewrite();
    this.isPaused = false;
    this.schedule();
    return isComplete;
  }

  /** Ends writing. Later changes are ignored. */
  stop(): void {
    this.clock.clear(this.timer);
    this.isPaused = true;
    this.requestRewrite();
  }

  private requestRewrite(): void {
    this.needsRewrite = true;
    this.pending.clear();
  }

  private schedule(): void {
    if (this.isPaused || this.isBusy) return;
    if (this.needsRewrite || this.pending.size >= ENOUGH) {
      this.clock.clear(this.timer);
      this.timer = undefined;
      void this.start.run(() => this.write());
    } else if (this.pending.size > 0) {
      this.timer ??= this.clock.setTimeout(() => void this.write(), BATCH_DELAY);
    }
  }

  private async write(): Promise<void> {
    this.timer = undefined;
    if (this.isPaused || this.isBusy) return;
    this.isBusy = true;
    try {
      await (this.needsRewrite ? this.rewrite() : this.writeBatch());
    } catch (error) {
      this.isPaused = true;
      this.observer?.onWriteFailed(error);
    }
    this.isBusy = false;
    if (this.isWritten) this.observer?.onWritten();
    this.schedule();
  }

  private async writeBatch(): Promise<void> {
    const batch = new EntryBatch(this.pending.take(MOST_IN_BATCH));
    if (!batch.isEmpty) {
      const version = ++this.version;
      const { keys, metas } = this.stored;
      const state = { version, keys: keys + batch.growth.keys, metas: metas + batch.growth.metas };
      this.versions.onSent(state);
      await this.send(batch, version);
      this.versions.onConfirmed();
      this.stored = state;
    }
    batch.markStored();
    this.recent.onStored(batch, this.clock.now());
    for (const entry of batch.entries) if (!this.pending.has(entry)) this.local.forget(entry);
    if (!batch.isEmpty) this.observer?.onStored(batch);
  }

  private async send(batch: EntryBatch, version: number): Promise<void> {
    const after = this.stored.version;
    try {
      await this.commands.run((session) => session.write(batch.at(version, after)), {
        isOwn: true,
      });
    } catch (error) {
      batch.markUncertain(this.nextVersion);
      if (!this.needsRewrite) this.pending.putBack(batch.entries);
      throw error;
    }
  }

  private async rewrite(): Promise<void> {
    this.needsRewrite = false;
    this.versions.onRewrite();
    const version = ++this.version;
    try {
      await this.writeAll(version);
    } catch (error) {
      this.requestRewrite();
      throw error;
    }
    this.versions.onConfirmed();
    this.observer?.onRewritten();
  }

  /** Writes all entries in parts. Those that change meanwhile are pending, too, and written again behind it. */
  private async writeAll(version: number): Promise<void> {
    const counts = { keys: 0, metas: 0 };
    const written: [entry: LocalEntry, form: StoredForm][] = [];
    let part: 'first' | 'more' | 'last' = 'first';
    let put: PresenceItem[] = [];
    const send = async () => {
      await this.commands.run((session) => session.write({ version, part, put, remove: [] }), {
        isOwn: true,
      });
      part = 'more';
      put = [];
    };
    for (const entry of this.local.entries()) {
      const form = entry.nextForm;
      if (entry.exclusive !== undefined) this.pending.add(entry);
      if (form === 'absent') {
        if (!this.pending.has(entry)) this.local.forget(entry);
        continue;
      }
      written.push([entry, form]);
      counts.keys++;
      if (form === 'with meta') counts.metas++;
      put.push(entry.toItem());
      if (put.length >= MOST_IN_BATCH) await send();
    }
    if (part === 'first') await send();
    part = 'last';
    this.stored = { version, ...counts };
    this.versions.onSent(this.stored);
    await send();
    for (const [entry, form] of written) entry.markStored(form);
  }
}

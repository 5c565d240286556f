import type { WebSocket } from 'ws';
import { type Few, listOf, without, withAdded } from './few.js';
import type { CheckedCloseFrame } from './presence.arguments.js';
import type { PresenceItem } from './presence.store.js';

/** A client as it is tracked under one key. */
export class TrackedClient {
  constructor(
    readonly client: WebSocket,
    readonly entry: LocalEntry,
    readonly meta: string | undefined,
    private versionWritten: number,
  ) {}

  /** The version of this node's data that contains the client, or a later one does. */
  get version(): number {
    return this.versionWritten;
  }

  renumber(version: number): void {
    this.versionWritten = version;
  }
}

/** How an entry was last written: with or without meta, or not at all. */
export type StoredForm = 'absent' | 'plain' | 'with meta';

/** The clients of this node under one topic and key. */
export class LocalEntry {
  /** In the order in which they were tracked. */
  private clients: Few<TrackedClient>;
  private unwrittenExclusive: CheckedCloseFrame | undefined;
  private form: StoredForm = 'absent';
  private isUncertain = false;

  constructor(
    readonly topic: string,
    readonly key: string,
  ) {}

  get isEmpty(): boolean {
    return this.clients === undefined;
  }

  /** How the store has this entry, as far as its answers show. */
  get stored(): StoredForm {
    return this.form;
  }

  /** Whether the store has this entry, or a write of it was not answered. */
  get mayBeStored(): boolean {
    return this.form !== 'absent' || this.isUncertain;
  }

  /** How the store has this entry once `toItem()` is written. */
  get nextForm(): StoredForm {
    if (this.isEmpty) return 'absent';
    return this.latest?.meta === undefined ? 'plain' : 'with meta';
  }

  /** The close frame for older clients on other nodes, until it is written. */
  get exclusive(): CheckedCloseFrame | undefined {
    return this.unwrittenExclusive;
  }

  private get latest(): TrackedClient | undefined {
    return listOf(this.clients).at(-1);
  }

  has(tracked: TrackedClient): boolean {
    return listOf(this.clients).includes(tracked);
  }

  add(
    client: WebSocket,
    meta: string | undefined,
    version: number,
    exclusive?: CheckedCloseFrame,
  ): TrackedClient {
    const tracked = new TrackedClient(client, this, meta, version);
    this.clients = withAdded(this.clients, tracked);
    if (exclusive !== undefined) this.unwrittenExclusive = exclusive;
    return tracked;
  }

  /** Returns whether the store must learn of it: the entry is empty now, or its meta changed. */
  remove(tracked: TrackedClient): boolean {
    const { latest } = this;
    this.clients = without(this.clients, tracked);
    if (this.isEmpty) {
      this.unwrittenExclusive = undefined;
      return true;
    }
    return tracked === latest && this.latest?.meta !== tracked.meta;
  }

  /** Clients that are tracked no later than a version of this node's data. */
  upTo(version: number): TrackedClient[] {
    return listOf(this.clients).filter((tracked) => tracked.version <= version);
  }

  /**
   * Gives the latest client a newer version, because its exclusive entry is written again: an order that the store made
   * after the first write must not close it.
   */
  renumberLatest(version: number): void {
    this.latest?.renumber(version);
  }

  /** Makes the entry exclusive again. Returns `false` if it is empty, or waits to be written as exclusive. */
  repeatExclusive(exclusive: CheckedCloseFrame, version: number): boolean {
    if (this.isEmpty || this.unwrittenExclusive !== undefined) return false;
    this.unwrittenExclusive = exclusive;
    this.renumberLatest(version);
    return true;
  }

  /** The entry for the store. */
  toItem(): PresenceItem {
    const meta = this.latest?.meta;
    return { topic: this.topic, key: this.key, ...(meta !== undefined && { meta }) };
  }

  /** A write of this entry was not answered. */
  markUncertain(): void {
    this.isUncertain = true;
  }

  /** The store has this entry in a form. `exclusive`: the close frame that was written with it. */
  markStored(form: StoredForm, exclusive?: CheckedCloseFrame): void {
    this.form = form;
    this.isUncertain = false;
    if (exclusive === this.unwrittenExclusive) this.unwrittenExclusive = undefined;
  }
}

import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { type Few, listOf, without, withAdded } from './few.js';
import { LocalEntry, type TrackedClient } from './local.entry.js';
import type { CheckedTrack } from './presence.arguments.js';

/** The tracked clients of this node, and the entries that they make. */
@Injectable()
export class LocalPresence {
  private readonly byClient = new Map<WebSocket, Few<TrackedClient>>();
  private readonly byTopic = new Map<string, Map<string, LocalEntry>>();

  has(topic: string, key: string): boolean {
    return this.find(topic, key)?.isEmpty === false;
  }

  find(topic: string, key: string): LocalEntry | undefined {
    return this.byTopic.get(topic)?.get(key);
  }

  /** All entries, including empty ones that the store has not learnt of. */
  *entries(): IterableIterator<LocalEntry> {
    for (const entries of this.byTopic.values()) yield* entries.values();
  }

  /** All entries of a topic, including empty ones that the store has not learnt of. */
  entriesOf(topic: string): Iterable<LocalEntry> {
    return this.byTopic.get(topic)?.values() ?? [];
  }

  /** Tracks a client under a key, instead of its former one in the topic. Returns the entries to write. */
  track(
    client: WebSocket,
    key: string,
    { topic, meta, exclusive }: CheckedTrack,
    version: number,
  ): { readonly entry: LocalEntry; readonly former?: LocalEntry } {
    const former = this.remove(client, topic);
    const entry = this.entryFor(topic, key);
    const tracked = entry.add(client, meta, version, exclusive);
    this.byClient.set(client, withAdded(this.byClient.get(client), tracked));
    return { entry, ...(former !== undefined && former !== entry && { former }) };
  }

  /** Stops tracking a client, under one topic or under all. Returns the entries to write. */
  untrack(client: WebSocket, topic?: string): readonly LocalEntry[] {
    if (topic !== undefined) return listOf(this.remove(client, topic));
    const all = listOf(this.byClient.get(client));
    this.byClient.delete(client);
    return all.filter((tracked) => tracked.entry.remove(tracked)).map(({ entry }) => entry);
  }

  /** Drops an empty entry that the store has learnt of. */
  forget(entry: LocalEntry): void {
    const entries = this.byTopic.get(entry.topic);
    if (!entry.isEmpty || entries?.get(entry.key) !== entry) return;
    entries.delete(entry.key);
    if (entries.size === 0) this.byTopic.delete(entry.topic);
  }

  private remove(client: WebSocket, topic: string): LocalEntry | undefined {
    const all = this.byClient.get(client);
    const tracked = listOf(all).find(({ entry }) => entry.topic === topic);
    if (tracked === undefined) return undefined;
    const rest = without(all, tracked);
    if (rest === undefined) this.byClient.delete(client);
    else this.byClient.set(client, rest);
    return tracked.entry.remove(tracked) ? tracked.entry : undefined;
  }

  private entryFor(topic: string, key: string): LocalEntry {
    let entries = this.byTopic.get(topic);
    if (entries === undefined) this.byTopic.set(topic, (entries = new Map()));
    let entry = entries.get(key);
    if (entry === undefined) entries.set(key, (entry = new LocalEntry(topic, key)));
    return entry;
  }
}

import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { LocalEntry, type TrackedClient } from './local.entry.js';
import type { CheckedTrack } from './presence.arguments.js';

/** The tracked clients of this node, and the entries that they make. */
@Injectable()
export class LocalPresence {
  private readonly byClient = new Map<WebSocket, Map<string, TrackedClient>>();
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
    const ofClient = this.byClient.get(client);
    if (ofClient === undefined) this.byClient.set(client, new Map([[topic, tracked]]));
    else ofClient.set(topic, tracked);
    return { entry, ...(former !== undefined && former !== entry && { former }) };
  }

  /** Stops tracking a client, under one topic or under all. Returns the entries to write. */
  untrack(client: WebSocket, topic?: string): LocalEntry[] {
    const topics = topic === undefined ? [...(this.byClient.get(client)?.keys() ?? [])] : [topic];
    const changed = topics.map((one) => this.remove(client, one));
    if (this.byClient.get(client)?.size === 0) this.byClient.delete(client);
    return changed.filter((entry) => entry !== undefined);
  }

  /** Drops an empty entry that the store has learnt of. */
  forget(entry: LocalEntry): void {
    const entries = this.byTopic.get(entry.topic);
    if (!entry.isEmpty || entries?.get(entry.key) !== entry) return;
    entries.delete(entry.key);
    if (entries.size === 0) this.byTopic.delete(entry.topic);
  }

  private remove(client: WebSocket, topic: string): LocalEntry | undefined {
    const ofClient = this.byClient.get(client);
    const tracked = ofClient?.get(topic);
    if (ofClient === undefined || tracked === undefined) return undefined;
    ofClient.delete(topic);
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

import { Inject, Injectable } from '@nestjs/common';
import type { PresenceNode } from '../heartbeat.presence.interfaces.js';
import { LeaseRenewal } from './lease.renewal.js';
import { LocalPresence } from './local.presence.js';
import { checkPage, checkTopic, cursorOf, isKey, isTopic } from './presence.arguments.js';
import type { PresenceEntry, PresenceList, PresenceListPage } from './presence.interfaces.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import { describeNodes } from './presence.status.js';
import type { PresenceNodePage } from './presence.store.js';
import { StoreCommands } from './store.commands.js';
import { TopicChanges } from './topic.changes.js';
import { compareUtf8 } from './utf8.order.js';

/** The methods of `PresenceService` that read the store. */
@Injectable()
export class PresenceQueries {
  constructor(
    @Inject(PRESENCE_OPTIONS) private readonly options: ResolvedPresenceOptions,
    private readonly local: LocalPresence,
    private readonly renewal: LeaseRenewal,
    private readonly changes: TopicChanges,
    private readonly commands: StoreCommands,
  ) {}

  async isPresent(key: string, topic: string): Promise<boolean> {
    checkTopic('isPresent()', topic);
    if (!isKey(key) || !isTopic(topic)) return false;
    if (this.local.has(topic, key)) return true;
    const nodes = await this.commands.run((session) => session.find(topic, key));
    // The store may not have learnt yet that the key left this node.
    return nodes.some((node) => node !== this.options.id);
  }

  async list(topic: string, page: PresenceListPage): Promise<PresenceList> {
    checkTopic('list()', topic);
    const { limit, after } = checkPage(page);
    if (!isTopic(topic)) return { entries: [] };
    return this.commands.limit(this.read(topic, limit, after), this.options.deadline);
  }

  async count(topic: string): Promise<number> {
    checkTopic('count()', topic);
    return isTopic(topic) ? this.commands.run((session) => session.count(topic)) : 0;
  }

  async nodes(): Promise<PresenceNode[]> {
    const { nodes } = await this.renewal.renew();
    return describeNodes(nodes, this.options.id);
  }

  private async read(
    topic: string,
    limit: number,
    after: string | undefined,
  ): Promise<PresenceList> {
    // What changes() does not report must be in the list.
    await this.changes.whenLoaded(topic);
    const page = { limit: limit + 1, ...(after !== undefined && { after }) };
    const entries = merge(await this.commands.run((session) => session.read(topic, page)));
    const last = entries.length > limit ? entries[limit - 1] : undefined;
    return {
      entries: entries.slice(0, limit),
      ...(last !== undefined && { cursor: cursorOf(last.key) }),
    };
  }
}

/** The entries of the pages of all nodes, by key. */
function merge(pages: readonly PresenceNodePage[]): PresenceEntry[] {
  const on = new Map<string, { node: string; meta?: unknown }[]>();
  for (const { node, items } of pages) {
    for (const [key, meta] of items) {
      const place = { node, ...(meta !== undefined && { meta: JSON.parse(meta) as unknown }) };
      const places = on.get(key);
      if (places === undefined) on.set(key, [place]);
      else places.push(place);
    }
  }
  return [...on]
    .map(([key, places]) => ({ key, on: places }))
    .toSorted((one, other) => compareUtf8(one.key, other.key));
}

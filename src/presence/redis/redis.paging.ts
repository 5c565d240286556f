import type { PresenceNodePage } from '../presence.store.js';
import { compareUtf8 } from '../utf8.order.js';
import type { StoredPage } from './redis.replies.js';

type Read = (after: string | undefined) => Promise<StoredPage[]>;

/**
 * Reads the first `limit` keys of each node. A script returns less when there are many nodes or long metas. Then only
 * what all nodes have returned in full is taken, and the next script continues behind it, until there are `limit`
 * distinct keys. Each key range is read in one step, so a key that moves between nodes is not missed.
 */
export async function readPage(
  read: Read,
  after: string | undefined,
  limit: number,
): Promise<PresenceNodePage[]> {
  const result = new Map<string, PresenceNodePage>();
  const distinct = new Set<string>();
  for (let from = after; ;) {
    const pages = await read(from);
    const end = endOf(pages, limit);
    for (const page of pages) {
      const items =
        end === undefined ? page.items : page.items.filter(([key]) => compareUtf8(key, end) <= 0);
      for (const [key] of items) distinct.add(key);
      const earlier = result.get(page.node);
      const { node, version } = earlier ?? page;
      result.set(node, { node, version, items: [...(earlier?.items ?? []), ...items] });
    }
    if (end === undefined || distinct.size >= limit) return [...result.values()];
    from = end;
  }
}

/** The last key up to which all nodes are complete. Absent if each has returned `limit` keys, or all that it has. */
function endOf(pages: readonly StoredPage[], limit: number): string | undefined {
  const cut = pages.filter(({ more, items }) => more && items.length < limit);
  if (cut.length === 0) return undefined;
  const ends = pages.filter(({ more }) => more).map(({ items }) => items.at(-1)?.[0] ?? '');
  return ends.reduce((least, end) => (compareUtf8(least, end) > 0 ? end : least));
}

import type { PresenceBatch, PresenceItem, PresenceSession } from 'nestjs-heartbeat/presence';

/** A batch, in which nothing is put and removed by default. */
export function batchOf(version: number, batch: Partial<PresenceBatch>): PresenceBatch {
  return { version, put: [], remove: [], ...batch };
}

/** Entries of a topic. */
export function itemsOf(keys: readonly string[], meta?: string): PresenceItem[] {
  return keys.map((key) => ({ topic: 'online', key, ...(meta === undefined ? {} : { meta }) }));
}

/** `count` keys from a number on. Their order by bytes is that of the numbers. */
export function keysFrom(first: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `user-${String(first + index).padStart(8, '0')}`,
  );
}

/** Writes keys in batches, as the service does. Returns the last version. */
export async function fill(session: PresenceSession, keys: readonly string[]): Promise<number> {
  let version = 0;
  for (let first = 0; first < keys.length; first += 1_000)
    await session.write(batchOf(++version, { put: itemsOf(keys.slice(first, first + 1_000)) }));
  return version;
}

/** Reads all pages of a topic, as the service does. */
export async function readAll(session: PresenceSession, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: string | undefined; ;) {
    const nodes = await session.read('online', {
      limit: limit + 1,
      ...(after === undefined ? {} : { after }),
    });
    const keys = new Set(nodes.flatMap(({ items }) => items.map(([key]) => key)));
    const sorted = [...keys].toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    pages.push(sorted.slice(0, limit));
    if (sorted.length <= limit) return pages;
    after = sorted[limit - 1];
  }
}

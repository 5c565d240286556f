import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { EntryBatch } from '../../src/presence/entry.batch.js';
import { LocalEntry } from '../../src/presence/local.entry.js';

describe('EntryBatch', () => {
  it('removes an entry that may be stored, because its write was not answered', () => {
    const entry = new LocalEntry('online', 'k');
    const tracked = entry.add({} as WebSocket, undefined, 1);
    const unanswered = new EntryBatch([entry]);
    unanswered.markUncertain(2);
    entry.remove(tracked);
    const next = new EntryBatch([entry]);
    expect(next.remove).toEqual([['online', 'k']]);
    expect(next.growth).toEqual({ keys: 0, metas: 0 });
    next.markStored();
    expect(new EntryBatch([entry]).isEmpty).toBe(true);
  });

  it('is empty for an entry that came and went before it was written', () => {
    const entry = new LocalEntry('online', 'k');
    entry.remove(entry.add({} as WebSocket, undefined, 1));
    expect(new EntryBatch([entry]).isEmpty).toBe(true);
  });
});

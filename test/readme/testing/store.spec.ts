import { describe, test } from '@jest/globals';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { presenceStoreConformance } from 'nestjs-heartbeat/testing';

describe('the store', () => {
  // Instead of MemoryPresenceStore, your store.
  const cases = presenceStoreConformance(() => ({ store: new MemoryPresenceStore() }));
  test.each(cases)('$name', ({ run }) => run());
});

import { describe, it } from '@jest/globals';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { presenceStoreConformance } from 'nestjs-heartbeat/testing';

describe('MemoryPresenceStore', () => {
  const cases = presenceStoreConformance(() => ({ store: new MemoryPresenceStore() }));
  it.each(cases)('$name', ({ run }) => run());
});

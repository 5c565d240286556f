import { describe, it } from '@jest/globals';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { presenceStoreConformance } from './conformance.js';

describe('MemoryPresenceStore', () => {
  const cases = presenceStoreConformance(() => ({ store: new MemoryPresenceStore() }));
  it.each(cases)('$name', ({ run }) => run());
});

import { describe, it } from '@jest/globals';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { expectContract } from './hostile.check.js';

describe('track()', () => {
  it('stores keys and meta of all kinds, or refuses them as the contract demands', async () => {
    const store = new MemoryPresenceStore();
    await expectContract(() => store, 20);
  });
});

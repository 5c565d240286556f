import { afterAll, describe, it } from '@jest/globals';
import { killAll } from '../support/child.js';
import { expectKept } from './expect-kept.js';

afterAll(killAll);

describe('A simulated process', () => {
  it('keeps every promise in 100 000 schedules', async () => {
    await expectKept(20_260_101, 100_000);
  }, 600_000);
});

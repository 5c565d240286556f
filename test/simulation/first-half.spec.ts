import { afterAll, describe, it } from '@jest/globals';
import { killAll } from '../support/child.js';
import { FULL } from '../support/full.js';
import { expectKept } from './expect-kept.js';

const SCHEDULES = FULL ? 100_000 : 2_500;

afterAll(killAll);

describe('A simulated process', () => {
  it(`keeps every promise in ${SCHEDULES} schedules`, async () => {
    await expectKept(20_260_101, SCHEDULES);
  }, 600_000);
});

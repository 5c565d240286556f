import { afterAll, describe, it } from '@jest/globals';
import { killAll } from '../support/child.js';
import { FULL } from '../support/full.js';
import { expectGuarantees } from './expect-guarantees.js';

const SCHEDULES = FULL ? 100_000 : 2_500;

afterAll(killAll);

describe('A simulated process', () => {
  it(`upholds every guarantee in ${SCHEDULES} schedules`, async () => {
    await expectGuarantees(20_260_101, SCHEDULES);
  }, 600_000);
});

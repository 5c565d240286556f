import { randomInt } from 'node:crypto';
import { afterAll, describe, it } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { expectModel } from './expect.model.js';

const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 30));

afterAll(killAll);

describe('Presence of three nodes', () => {
  it(`agrees with the model after each quiet lease, in 1 000 000 random steps from seed ${SEED} on`, async () => {
    await expectModel(SEED, 1_000_000);
  }, 1_800_000);
});

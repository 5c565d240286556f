import { afterAll, describe, it } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { expectModel } from './expect.model.js';

afterAll(killAll);

describe('Presence of three nodes', () => {
  it('agrees with the model after each quiet lease, in 3 000 random steps', async () => {
    await expectModel(20_261_127, 3_000, 100);
  });
});

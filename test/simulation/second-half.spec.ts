import { afterAll, describe, expect, it } from '@jest/globals';
import { killAll } from '../support/child.js';
import { FULL } from '../support/full.js';
import { report } from '../support/report.js';
import { expectGuarantees, simulateInChild } from './expect-guarantees.js';

/**
 * The seed: the date (UTC) as a number, such as 20261126. The schedules change every day. The seed is printed;
 * `npm run test:simulation -- 0 <seed> <schedules>` repeats a run.
 */
const TODAY = Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''));
const SCHEDULES = FULL ? 100_000 : 2_500;

afterAll(killAll);

describe('A simulated process', () => {
  it(`upholds every guarantee in ${SCHEDULES} schedules of the day`, async () => {
    await expectGuarantees(TODAY, SCHEDULES);
  }, 600_000);

  it('terminates healthy clients with the isAlive loop of the ws README', async () => {
    const { failure, runs } = await simulateInChild('readme', 1, 1_000);
    report(`The isAlive loop fails at schedule ${runs}: ${failure?.replaceAll(/\s+/g, ' ')}`);
    expect(failure).toContain('was terminated although it answers within the margin');
    expect(runs).toBeLessThan(200);
  }, 60_000);
});

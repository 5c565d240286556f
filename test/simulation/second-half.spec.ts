import { afterAll, describe, expect, it } from '@jest/globals';
import { killAll } from '../support/child.js';
import { FULL } from '../support/full.js';
import { report } from '../support/report.js';
import { expectKept, simulateApart } from './expect-kept.js';

/**
 * The day (UTC) as a number, such as 20261126: new schedules every day, and the same all day. It is printed, and
 * `npm run test:simulation -- 0 <seed> <schedules>` runs them again.
 */
const TODAY = Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''));
const SCHEDULES = FULL ? 100_000 : 2_500;

afterAll(killAll);

describe('A simulated process', () => {
  it(`keeps every promise in ${SCHEDULES} schedules of the day`, async () => {
    await expectKept(TODAY, SCHEDULES);
  }, 600_000);

  it('cuts healthy clients off with the usual loop of one flag per client', async () => {
    const { failure, runs } = await simulateApart('readme', 1, 1_000);
    report(`The usual loop fails at schedule ${runs}: ${failure?.replaceAll(/\s+/g, ' ')}`);
    expect(failure).toContain('was cut off although it answers within the margin');
    expect(runs).toBeLessThan(200);
  }, 60_000);
});

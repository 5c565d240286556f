import { afterAll, describe, expect, it } from '@jest/globals';
import { killAll } from '../support/child.js';
import { report } from '../support/report.js';
import { expectKept, simulateApart } from './expect-kept.js';

afterAll(killAll);

describe('A simulated process', () => {
  it('keeps every promise in 100 000 other schedules', async () => {
    await expectKept(4_711, 100_000);
  }, 600_000);

  it('cuts healthy clients off with the usual loop of one flag per client', async () => {
    const { failure, runs } = await simulateApart('readme', 1, 1_000);
    report(`The usual loop fails at schedule ${runs}: ${failure?.replaceAll(/\s+/g, ' ')}`);
    expect(failure).toContain('was cut off although it answers within the margin');
    expect(runs).toBeLessThan(200);
  }, 60_000);
});

import { expect } from '@jest/globals';
import { Child } from '../../support/child.js';
import { report } from '../../support/report.js';
import type { Outcome } from './simulate.js';
import { NODE_ACTIONS, STORE_ACTIONS } from './step.js';

/** Schedules of one seed. */
const BATCH = 500;
/** Each of these was done in every batch. */
const STEPS = [
  ...NODE_ACTIONS,
  ...STORE_ACTIONS,
  'join',
  'leave',
  'crowd',
  'wait',
  'lose data',
  'settle',
];

/** Runs schedules in a child process until so many steps are done, and expects that the model agrees with all of them. */
export async function expectModel(seed: number, steps: number, batch = BATCH): Promise<void> {
  const child = await Child.start(new URL('./simulator.ts', import.meta.url), {});
  try {
    for (let done = 0, next = seed; done < steps; next++) {
      const start = performance.now();
      const { failure, counts } = await child.request<Outcome>('simulate', next, batch);
      expect(failure).toBeUndefined();
      for (const step of STEPS) expect([step, counts[step] ?? 0]).not.toEqual([step, 0]);
      done += Object.values(counts).reduce((sum, count) => sum + count, 0);
      const seconds = ((performance.now() - start) / 1_000).toFixed(1);
      report(`seed ${next}: ${done} steps, ${seconds} s, ${JSON.stringify(counts)}`);
    }
  } finally {
    await child.kill();
  }
}

import { expect } from '@jest/globals';
import { SLACK } from '../support/cpu-wait.js';
import type { ClientRecord, Verdict } from '../support/recording.gateway.js';

/** How long after its last sign of life a client was evicted. Fails unless that happened exactly once. */
export function onlyVerdict({ evicted, lastSign }: ClientRecord): Verdict & { after: number } {
  const [verdict] = evicted;
  if (verdict === undefined || evicted.length > 1)
    throw new Error(`Evicted ${evicted.length} times, not once`);
  return { ...verdict, after: verdict.at - lastSign };
}

/**
 * The promise: never before `timeout`, and at most 10 % and one tick later. `waited` is for how long the server did
 * not run meanwhile although it could have, as the kernel (`waitedForCpu()`) or the test that stopped it knows.
 */
export function expectInTime(
  record: ClientRecord,
  { timeout, tick, waited }: { timeout: number; tick: number; waited: number },
): void {
  const { after } = onlyVerdict(record);
  expect(after).toBeGreaterThanOrEqual(timeout);
  expect(after).toBeLessThanOrEqual(timeout * 1.1 + tick + SLACK + waited);
}

import { expect } from '@jest/globals';
import type { ClientRecord, Verdict } from '../support/recording.gateway.js';

/** How long after its last sign of life a client was evicted. Fails unless that happened exactly once. */
export function onlyVerdict({ evicted, lastSign }: ClientRecord): Verdict & { after: number } {
  const [verdict] = evicted;
  if (verdict === undefined || evicted.length > 1)
    throw new Error(`Evicted ${evicted.length} times, not once`);
  return { ...verdict, after: verdict.at - lastSign };
}

/**
 * The promise: never before `timeout`, and at most 10 % and one tick later. What the server process
 * lost because the machine had other things to do comes on top, as measured by itself.
 */
export function expectInTime(record: ClientRecord, timeout: number, tick: number): void {
  const { after, lateness } = onlyVerdict(record);
  expect(after).toBeGreaterThanOrEqual(timeout);
  expect(after).toBeLessThanOrEqual(timeout * 1.1 + tick + lateness);
}

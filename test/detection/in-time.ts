import { expect } from '@jest/globals';
import { SLACK } from '../support/cpu-wait.js';
import type { ClientRecord, EvictionRecord } from '../support/recording.gateway.js';

/** Returns the only eviction of a client, and its delay in ms after the last sign of life. Throws unless there is exactly one. */
export function onlyEviction({
  evicted,
  lastSign,
}: ClientRecord): EvictionRecord & { after: number } {
  const [eviction] = evicted;
  if (eviction === undefined || evicted.length > 1)
    throw new Error(`Evicted ${evicted.length} times, not once`);
  return { ...eviction, after: eviction.at - lastSign };
}

/**
 * Expects the eviction within the documented bound: not before `timeout`, and at most 10 % and one tick later. `waited`
 * is the time in ms in which the server was runnable but did not run, as measured by the kernel (`waitedForCpu()`) or
 * by the test that stopped it.
 */
export function expectInTime(
  record: ClientRecord,
  { timeout, tick, waited }: { timeout: number; tick: number; waited: number },
): void {
  const { after } = onlyEviction(record);
  expect(after).toBeGreaterThanOrEqual(timeout);
  expect(after).toBeLessThanOrEqual(timeout * 1.1 + tick + SLACK + waited);
}

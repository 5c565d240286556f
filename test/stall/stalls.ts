import { expect } from '@jest/globals';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { FULL } from '../support/full.js';
import type { ClientRecord, StallRecord } from '../support/recording.gateway.js';
import { report } from '../support/report.js';
import type { Crowd, Stall } from './crowd.js';

export const POLICY = { interval: 500, timeout: 1_500 };
/** Durations of the stalls, in timeouts. */
export const LENGTHS = FULL ? [1, 2, 5] : [1, 2];
export const CROWD = 500;
export const RECORDING_SERVER = new URL('../support/programs/recording.server.ts', import.meta.url);
export const IS_ALIVE_LOOP = new URL('./is-alive-loop.server.ts', import.meta.url);

/** Milliseconds that a machine under load may add to a stall. */
const SLACK = 250;

/** Stalls the server once per length at one phase of the interval. Expects a correct report and no eviction. */
export async function expectNoEvictions(
  crowd: Crowd,
  phase: number,
  stall: (duration: number) => Promise<Stall>,
): Promise<void> {
  const { tick } = await crowd.server.request<HeartbeatSnapshot>('snapshot');
  await crowd.untilPinged(2);
  for (const length of LENGTHS) {
    const before = await crowd.server.request<StallRecord[]>('stalls');
    await crowd.phase(phase * POLICY.interval);
    const { atLeast, atMost } = await stall(length * POLICY.timeout);
    await crowd.untilPinged(3);
    const reported = (await crowd.server.request<StallRecord[]>('stalls')).slice(before.length);
    const duration = Math.max(...reported.map((one) => one.duration));
    report(`stalled for ${atLeast.toFixed(0)}–${atMost.toFixed(0)} ms, reported as ${duration} ms`);
    // Stalls are reported in whole milliseconds.
    expect(duration).toBeGreaterThanOrEqual(atLeast - 1);
    expect(duration).toBeLessThanOrEqual(atMost + 2 * tick + SLACK);
    for (const { longestSilence } of reported) expect(longestSilence).toBeLessThan(POLICY.timeout);
  }
  const records = await crowd.server.request<ClientRecord[]>('records');
  const closed = records.filter(({ evicted, disconnected }) => evicted.length + disconnected > 0);
  expect(closed.slice(0, 3)).toEqual([]);
  expect(records.length).toBeGreaterThan(CROWD);
  expect(await crowd.closings()).toEqual([]);
}

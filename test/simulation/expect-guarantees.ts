import { expect } from '@jest/globals';
import { Child } from '../support/child.js';
import { report } from '../support/report.js';
import { FAULTS } from './schedule.js';
import type { ServerKind, Outcome } from './simulate.js';

/** The least count of each event per 1 000 schedules. A generator that stops producing one of them fails the test. */
const MINIMUMS: Record<string, number> = {
  ticks: 300_000,
  stalls: 500,
  connections: 2_000,
  disconnections: 2_000,
  'late ticks': 2_000,
  deaths: 50,
  pings: 20_000,
  'message pings': 5_000,
  pong: 20_000,
  reply: 2_000,
  message: 10_000,
  heartbeat: 5_000,
  bytes: 200,
  suspicions: 500,
  recoveries: 200,
  evictions: 500,
  'dry-run evictions': 20,
  unresponsive: 200,
  'application-unresponsive': 20,
  idle: 20,
  expired: 20,
  unadmitted: 20,
  'slow consumers': 3,
  progress: 100,
  terminations: 10,
  releases: 10,
  slices: 5,
  'ticks made shorter': 5,
  ...Object.fromEntries(FAULTS.map((kind) => [kind, 20])),
};

/** Runs the simulation in a child process. */
export async function simulateInChild(
  kind: ServerKind,
  seed: number,
  runs: number,
): Promise<Outcome> {
  const child = await Child.start(new URL('./simulator.ts', import.meta.url), {});
  try {
    return await child.request<Outcome>('simulate', kind, seed, runs);
  } finally {
    await child.kill();
  }
}

/** Expects that no schedule of a seed violates a guarantee, and that the schedules contain enough of each event. */
export async function expectGuarantees(seed: number, runs: number): Promise<void> {
  const { failure, counts, seconds } = await simulateInChild('heartbeat', seed, runs);
  report(
    `${runs} schedules, seed ${seed}, ${seconds.toFixed(0)} s of CPU: ${JSON.stringify(counts)}`,
  );
  expect(failure).toBeUndefined();
  for (const [event, minimum] of Object.entries(MINIMUMS)) {
    expect({ event, isEnough: (counts[event] ?? 0) >= (minimum * runs) / 1_000 }).toEqual({
      event,
      isEnough: true,
    });
  }
}

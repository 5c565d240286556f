import { expect } from '@jest/globals';
import { Child } from '../support/child.js';
import { report } from '../support/report.js';
import { FAULTS } from './schedule.js';
import type { Judge, Outcome } from './simulate.js';

/** How often, per 1 000 schedules, each of these has to happen: a generator that stops generating is red. */
const LEAST: Record<string, number> = {
  ticks: 300_000,
  stalls: 500,
  arrivals: 2_000,
  disconnections: 2_000,
  'late ticks': 2_000,
  deaths: 50,
  pings: 20_000,
  questions: 5_000,
  frame: 20_000,
  reply: 2_000,
  message: 10_000,
  beat: 5_000,
  bytes: 200,
  suspicions: 500,
  recoveries: 200,
  verdicts: 500,
  'observed verdicts': 20,
  unresponsive: 200,
  mute: 20,
  idle: 20,
  expired: 20,
  unadmitted: 20,
  'slow consumers': 3,
  progress: 100,
  terminations: 10,
  releases: 10,
  slices: 10,
  'ticks made shorter': 5,
  ...Object.fromEntries(FAULTS.map((kind) => [kind, 20])),
};

/** Simulates in a process of its own. */
export async function simulateApart(judge: Judge, seed: number, runs: number): Promise<Outcome> {
  const child = await Child.start(new URL('./simulator.ts', import.meta.url), {});
  try {
    return await child.ask<Outcome>('simulate', judge, seed, runs);
  } finally {
    await child.kill();
  }
}

/** Every promise is kept in so many schedules, and enough happened in them. */
export async function expectKept(seed: number, runs: number): Promise<void> {
  const { failure, counts, seconds } = await simulateApart('heartbeat', seed, runs);
  report(
    `${runs} schedules, seed ${seed}, ${seconds.toFixed(0)} s of CPU: ${JSON.stringify(counts)}`,
  );
  expect(failure).toBeUndefined();
  for (const [what, least] of Object.entries(LEAST)) {
    expect({ what, isEnough: (counts[what] ?? 0) >= (least * runs) / 1_000 }).toEqual({
      what,
      isEnough: true,
    });
  }
}

import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import { Cluster } from './cluster.js';
import { randomFrom, SimulatedSurroundings } from './simulated.surroundings.js';
import { schedules, type Schedule } from './step.js';

const STEPS = 100;

/** The result of a simulation. */
export interface Outcome {
  readonly seed: number;
  readonly schedules: number;
  /** How often each step was carried out. */
  readonly counts: Record<string, number>;
  /** The smallest schedule that the model contradicts, and how to repeat it. */
  readonly failure: string | undefined;
}

/** Runs schedules, and shrinks the first that fails. `path`: of a failure, to repeat only that. */
export async function simulate(seed: number, numRuns: number, path?: string): Promise<Outcome> {
  Logger.overrideLogger(false);
  const counts: Record<string, number> = {};
  const property = fc.asyncProperty(schedules(STEPS), async (schedule) => {
    for (const [step, count] of Object.entries(await runSchedule(schedule)))
      counts[step] = (counts[step] ?? 0) + count;
  });
  const result = await fc.check(property, {
    seed,
    numRuns,
    ...(path !== undefined && { path, endOnFailure: true }),
  });
  return {
    seed,
    schedules: result.numRuns,
    counts,
    failure: result.failed ? describeFailure(result) : undefined,
  };
}

/** Runs one schedule to its end, and settles it. Returns how often each step was carried out. */
async function runSchedule({ seed, linger, steps }: Schedule): Promise<Record<string, number>> {
  const random = randomFrom(seed);
  const systemRandom = Math.random;
  // The jitter of renewals.
  Math.random = random;
  const surroundings = new SimulatedSurroundings(random);
  const cluster = new Cluster(surroundings, linger * surroundings.times.renew);
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  try {
    await cluster.run([...steps, { do: 'settle' }]);
    if (rejections.length > 0) throw rejections[0];
  } finally {
    process.off('unhandledRejection', onRejection);
    Math.random = systemRandom;
    await cluster.end();
  }
  return cluster.counts;
}

function describeFailure(result: fc.RunDetails<[Schedule]>): string {
  const { counterexample, counterexamplePath, errorInstance, seed, numRuns } = result;
  const message = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  const steps = counterexample?.[0].steps.map((step) => JSON.stringify(step)).join('\n');
  return [
    message,
    `schedule ${numRuns}; to repeat it: npm run test:presence-model -- 0 ${seed} ${counterexamplePath}`,
    `${JSON.stringify({ ...counterexample?.[0], steps: undefined })}\n${steps}`,
  ].join('\n');
}

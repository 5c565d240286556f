import * as fc from 'fast-check';
import { HeartbeatServer } from './heartbeat.server.js';
import { ProcessModel, type Server } from './process.model.js';
import { ReadmeServer } from './readme.server.js';
import { schedules, type Schedule } from './schedule.js';

/** What a simulation found. */
export interface Outcome {
  readonly seed: number;
  readonly runs: number;
  readonly seconds: number;
  /** How often what happened. */
  readonly counts: Record<string, number>;
  /** The smallest schedule that breaks a promise, and how to run it again. */
  readonly failure: string | undefined;
}

const SERVERS = {
  heartbeat: (process: ProcessModel): Server => new HeartbeatServer(process),
  readme: (process: ProcessModel): Server => new ReadmeServer(process),
};

export type Judge = keyof typeof SERVERS;

/** Runs so many schedules, and shrinks the first that fails. */
export function simulate(judge: Judge, seed: number, numRuns: number): Outcome {
  const counts: Record<string, number> = {};
  const start = process.cpuUsage();
  const property = fc.property(schedules, (schedule) => {
    const model = new ProcessModel(schedule);
    model.run(SERVERS[judge](model));
    for (const [what, count] of Object.entries(model.counts)) {
      counts[what] = (counts[what] ?? 0) + count;
    }
  });
  const result = fc.check(property, { seed, numRuns });
  const { user, system } = process.cpuUsage(start);
  return {
    seed,
    runs: result.numRuns,
    seconds: (user + system) / 1e6,
    counts,
    failure: result.failed ? describeFailure(result) : undefined,
  };
}

function describeFailure(result: fc.RunDetails<[Schedule]>): string {
  const { counterexample, counterexamplePath, errorInstance, seed, numRuns } = result;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [
    why,
    `schedule ${numRuns}, seed ${seed}, path "${counterexamplePath}"`,
    JSON.stringify(counterexample?.[0], undefined, 2),
  ].join('\n');
}

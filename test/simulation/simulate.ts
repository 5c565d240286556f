import * as fc from 'fast-check';
import { HeartbeatServer } from './heartbeat.server.js';
import { ProcessModel, type Server } from './process.model.js';
import { ReadmeServer } from './readme.server.js';
import { schedules, type Schedule } from './schedule.js';

/** The result of a simulation. */
export interface Outcome {
  readonly seed: number;
  readonly runs: number;
  readonly seconds: number;
  /** How often each event happened. */
  readonly counts: Record<string, number>;
  /** The smallest schedule that violates a guarantee, and how to repeat it. */
  readonly failure: string | undefined;
}

const SERVERS = {
  heartbeat: (process: ProcessModel): Server => new HeartbeatServer(process),
  readme: (process: ProcessModel): Server => new ReadmeServer(process),
};

export type ServerKind = keyof typeof SERVERS;

/** Runs `numRuns` schedules, and shrinks the first that fails. */
export function simulate(kind: ServerKind, seed: number, numRuns: number): Outcome {
  const counts: Record<string, number> = {};
  const start = process.cpuUsage();
  const property = fc.property(schedules, (schedule) => {
    const model = new ProcessModel(schedule);
    model.run(SERVERS[kind](model));
    for (const [event, count] of Object.entries(model.counts)) {
      counts[event] = (counts[event] ?? 0) + count;
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
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [
    message,
    `schedule ${numRuns}, seed ${seed}, path "${counterexamplePath}"`,
    JSON.stringify(counterexample?.[0], undefined, 2),
  ].join('\n');
}

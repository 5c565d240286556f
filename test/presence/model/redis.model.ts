import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import { report } from '../../support/report.js';
import { Cluster } from './cluster.js';
import { RedisSurroundings } from './redis.surroundings.js';
import { randomFrom } from './simulated.surroundings.js';
import { schedules } from './step.js';

const STEPS = 100;

/**
 * Runs schedules on a redis-server until so many steps are done. Rejects with the first schedule that the model
 * contradicts. It is not shrunk, because real time does not repeat itself.
 */
export async function runOnRedis(port: number, seed: number, steps: number): Promise<void> {
  Logger.overrideLogger(false);
  const counts: Record<string, number> = {};
  const done = () => Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const schedule of fc.sample(schedules(STEPS), { seed, numRuns: steps })) {
    const surroundings = new RedisSurroundings(port, randomFrom(schedule.seed));
    const cluster = new Cluster(surroundings, schedule.linger * surroundings.times.renew);
    try {
      await cluster.run([...schedule.steps, { do: 'settle' }]);
    } catch (cause) {
      throw new Error(`Seed ${seed}, after ${done()} steps: ${JSON.stringify(schedule)}`, {
        cause,
      });
    } finally {
      await cluster.end();
      await surroundings.end();
    }
    for (const [step, count] of Object.entries(cluster.counts))
      counts[step] = (counts[step] ?? 0) + count;
    if (done() >= steps) break;
  }
  report(`seed ${seed}: ${done()} steps, ${JSON.stringify(counts)}`);
}

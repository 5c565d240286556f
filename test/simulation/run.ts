// Runs schedules in batches, each with a random seed, and prints each seed. Stops at the first schedule that violates
// a guarantee, and prints it. Arguments: minutes (60), a seed to repeat, the number of schedules for that seed.
import { randomInt } from 'node:crypto';
import { simulate } from './simulate.js';

const BATCH = 50_000;

const [minutes = '60', repeated, runs = String(BATCH)] = process.argv.slice(2);
const end = performance.now() + Number(minutes) * 60_000;
let total = 0;
do {
  const seed = repeated === undefined ? randomInt(2 ** 31) : Number(repeated);
  const outcome = simulate('heartbeat', seed, Number(runs));
  total += outcome.runs;
  console.log(
    `seed ${seed}: ${outcome.runs} schedules in ${outcome.seconds.toFixed(0)} s of CPU, ${total} in all`,
  );
  if (outcome.failure !== undefined) {
    console.error(outcome.failure);
    process.exit(1);
  }
} while (repeated === undefined && performance.now() < end);

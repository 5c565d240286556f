// The model of presence in random schedules, until so many steps are done. Prints each seed. Stops at the first schedule
// that the model contradicts, and prints it. Arguments: steps (1 000 000), a seed to repeat, the path of its failure.
import { randomInt } from 'node:crypto';
import { simulate } from './simulate.js';

/** Schedules of one seed. */
const BATCH = 500;

const [steps = '1000000', repeated, path] = process.argv.slice(2);
let total = 0;
do {
  const seed = repeated === undefined ? randomInt(2 ** 31) : Number(repeated);
  const start = performance.now();
  const { schedules, counts, failure } = await simulate(seed, BATCH, path);
  total += Object.values(counts).reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.log(`seed ${seed}: ${schedules} schedules in ${seconds} s, ${total} steps in all`);
  if (failure !== undefined) {
    console.error(failure);
    process.exit(1);
  }
} while (repeated === undefined && total < Number(steps));

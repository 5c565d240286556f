// Runs schedules for so many minutes, in batches with a random seed each, and prints every seed. Where one
// breaks a promise it says which, and ends. Arguments: minutes (60), a seed to run again, and how many.
import { randomInt } from 'node:crypto';
import { simulate } from './simulate.js';

const BATCH = 50_000;

const [minutes = '60', again, runs = String(BATCH)] = process.argv.slice(2);
const end = performance.now() + Number(minutes) * 60_000;
let total = 0;
do {
  const seed = again === undefined ? randomInt(2 ** 31) : Number(again);
  const outcome = simulate('heartbeat', seed, Number(runs));
  total += outcome.runs;
  console.log(
    `seed ${seed}: ${outcome.runs} schedules in ${outcome.seconds.toFixed(0)} s of CPU, ${total} in all`,
  );
  if (outcome.failure !== undefined) {
    console.error(outcome.failure);
    process.exit(1);
  }
} while (again === undefined && performance.now() < end);

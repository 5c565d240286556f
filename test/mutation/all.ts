// All tests of the failure detector and the protocol in one file, for `npm run test:mutation`: each mutant needs one
// Jest context instead of one for each file, which takes a tenth of the time.
import { readdirSync } from 'node:fs';

const DETECTOR = new URL('../detector/', import.meta.url);

const detector = readdirSync(DETECTOR)
  .filter((file) => file.endsWith('.spec.ts') && !file.endsWith('.nightly.spec.ts'))
  .map((file) => `../detector/${file.replace(/\.ts$/, '.js')}`);

for (const file of [...detector, '../protocol/codec.spec.js', '../protocol/is-heartbeat.spec.js']) {
  await import(file);
}

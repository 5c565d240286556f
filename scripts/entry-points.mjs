// The sources of the entry points of the package, from its `exports`: `./client` is src/client/index.ts.
import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));

export const ENTRY_POINTS = Object.keys(exports)
  .filter((path) => path !== './package.json')
  .map((path) => `src${path.slice(1)}/index.ts`);

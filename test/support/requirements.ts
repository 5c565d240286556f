import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

/** What a test may need of the machine beyond Node. */
const NEEDS = {
  chromium: () => isOnPath('chromium'),
};

export type Need = keyof typeof NEEDS;

/**
 * `describe` for tests that need more of the machine than others: skipped, with a line that says what is
 * missing, where the machine lacks it; under CI that is a failure.
 */
export function requires(...needs: Need[]): typeof describe | typeof describe.skip {
  const missing = needs.filter((need) => !NEEDS[need]());
  if (missing.length === 0) return describe;
  const what = `${missing.join(', ')} is missing; "npm run test:setup" installs it`;
  if (process.env['CI'] === 'true') throw new Error(`These tests have to run under CI: ${what}.`);
  process.stderr.write(`Skipped tests: ${what}.\n`);
  return describe.skip;
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

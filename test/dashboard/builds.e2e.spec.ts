import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Prints what the built module knows of its place, in a process without Jest. */
const program = (load: string) => `
  ${load}
  console.log(JSON.stringify({ folder: DEFAULT_PAGE_FOLDERS[0], version: packageVersion() }));`;

test.each([
  [
    'esm',
    'module',
    `import { DEFAULT_PAGE_FOLDERS } from './dist/esm/dashboard/page.files.js';
     import { packageVersion } from './dist/esm/dashboard/package.version.js';`,
  ],
  [
    'cjs',
    'commonjs',
    `const { DEFAULT_PAGE_FOLDERS } = require('./dist/cjs/dashboard/page.files.js');
     const { packageVersion } = require('./dist/cjs/dashboard/package.version.js');`,
  ],
])('the %s build finds its page and its version', (format, type, load) => {
  const args = [`--input-type=${type}`, '--eval', program(load)];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(JSON.parse(output)).toEqual({
    folder: resolve('dist', format, 'dashboard', 'page'),
    version,
  });
});

// The projects of the matrix. The repository itself has Nest 12. Nest 11 has a copy of the repository with its own
// node_modules, which are found before those of the repository. Links would be resolved to Nest 12.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEST_11 = fileURLToPath(new URL('nest-11', import.meta.url));
/** What Jest and the behaviour tests read; some tests compare the documents with the code. */
const COPIED = [
  'src',
  'test',
  'example',
  'docs',
  'README.md',
  'scripts',
  'jest.config.js',
  'tsconfig.json',
];

/** The folder in which the behaviour suite runs on a Nest. */
export function findProject(major, cache) {
  if (major === 12) return ROOT;
  const folder = join(cache, 'nest-11');
  mkdirSync(folder, { recursive: true });
  for (const path of COPIED) {
    rmSync(join(folder, path), { recursive: true, force: true });
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  const lock = readFileSync(join(NEST_11, 'package-lock.json'), 'utf8');
  const installed = join(folder, 'node_modules', 'installed.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return folder;
  console.log('Installing Nest 11 …');
  for (const name of ['package.json', 'package-lock.json'])
    cpSync(join(NEST_11, name), join(folder, name));
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  cpSync(join(NEST_11, 'package-lock.json'), installed);
  return folder;
}

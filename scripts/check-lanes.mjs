// Fails when a spec below test/ belongs to no project of jest.config.js, or to more than one. Prints the files of each
// project: `npm run check:lanes -- --list`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import config from '../jest.config.js';

const JEST = join('node_modules', 'jest', 'bin', 'jest.js');

function filesOf(project) {
  const args = [JEST, '--listTests', '--json', '--selectProjects', project];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`jest --listTests failed for ${project}:\n${stderr}`);
  const [, list = '[]'] = /^(\[.*\])$/m.exec(stdout) ?? [];
  return JSON.parse(list).map((file) => relative('.', file));
}

const projectsOf = new Map(
  readdirSync('test', { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => [join('test', file), []]),
);
for (const { displayName } of config.projects) {
  const files = filesOf(displayName);
  if (process.argv.includes('--list'))
    console.log([`${displayName}:`, ...files.toSorted()].join('\n  '));
  for (const file of files) projectsOf.get(file)?.push(displayName);
}

const wrong = [...projectsOf].filter(([, projects]) => projects.length !== 1);
for (const [file, projects] of wrong)
  console.error(
    `${file} must belong to one project, and belongs to: ${projects.join(', ') || 'none'}`,
  );
if (wrong.length > 0) process.exit(1);
console.log(`Each of ${projectsOf.size} specs belongs to one project.`);

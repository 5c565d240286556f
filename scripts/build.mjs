// Builds dist/: the library as ES modules and as CommonJS, each with its types, and the page of the dashboard.
import { execSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { buildPage } from './build-page.mjs';

const run = (command) => execSync(command, { stdio: 'inherit' });

rmSync('dist', { recursive: true, force: true });
run('nest build');
run('tsc -p tsconfig.build.cjs.json');
// The package is ESM. Node and TypeScript take the files of this folder for CommonJS because of this file.
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
// The compiler does not copy what it does not compile.
for (const format of ['esm', 'cjs'])
  cpSync('src/module.folder.cjs', `dist/${format}/module.folder.cjs`);
await buildPage();

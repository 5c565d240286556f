// Fills dist/: the library as ES modules and as CommonJS, each with its types.
import { execSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

const run = (command) => execSync(command, { stdio: 'inherit' });

rmSync('dist', { recursive: true, force: true });
run('nest build');
run('tsc -p tsconfig.build.cjs.json');
// The package is ESM; this tells Node and TypeScript that what lies here is not.
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');

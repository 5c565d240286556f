import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const APP = fileURLToPath(new URL('app.ts', import.meta.url));

/** A project of a user of the library: what differs between the two that are tested. */
export interface Project {
  readonly type: 'module' | 'commonjs';
  readonly versions: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** A folder outside of the repository, where no package is found by chance. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'nestjs-heartbeat-'));
}

/** Packs dist/ as it is: `npm test` has just built it, and other tests use it meanwhile. */
export function pack(folder: string): string {
  const args = ['pack', '--ignore-scripts', '--pack-destination', folder];
  execFileSync('npm', args, { cwd: REPOSITORY, stdio: 'pipe' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  return join(folder, tarball);
}

/** Writes the project and the application into `folder`; `install()` makes it complete. */
export function write(project: Project, tarball: string, folder: string): void {
  const json = (name: string, content: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(content, null, 2));
  json('package.json', {
    private: true,
    type: project.type,
    dependencies: { ...project.versions, 'nestjs-heartbeat': `file:${tarball}` },
  });
  json('tsconfig.json', {
    compilerOptions: {
      module: 'nodenext',
      target: 'ES2022',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      // Reads the library's declarations to the last line, whether the application uses them or not.
      skipLibCheck: false,
    },
    files: ['app.ts'],
  });
  copyFileSync(APP, join(folder, 'app.ts'));
}

/** Fails where the peers of the library do not fit the versions of the project. */
export function install(folder: string): void {
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  const { code, output } = run(folder, 'npm', args);
  if (code !== 0) throw new Error(`npm install failed in the project:\n${output}`);
}

export const compile = (folder: string): Outcome =>
  run(folder, process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc')]);

export const start = (folder: string): Outcome => run(folder, process.execPath, ['app.js']);

function run(cwd: string, command: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 150_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

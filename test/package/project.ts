import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { FULL } from '../support/full.js';
import { findNode, type NodeVersion } from '../../scripts/matrix/node.mjs';
import { pack } from './pack.js';

type ModuleType = 'module' | 'commonjs';

interface Outcome {
  readonly code: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Every supported major version of Node. */
export const NODES = [20, 22, 24] as const;
/** The first supported version of each; all of them nightly, as each is a download. */
export const LOWEST_NODES = FULL
  ? (['20.19.0', '22.13.0', '24.0.0'] as const)
  : (['20.19.0'] as const);

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const NODE_CACHE = join(REPOSITORY, '.cache', 'matrix');

/** The gateway libraries that every project installs. */
const LIBRARIES: Readonly<Record<string, ModuleType>> = { commonjs: 'commonjs', esm: 'module' };

/**
 * A project of a user, one of `consumers/`, in a temporary folder outside of the repository. Its packages are those of
 * its lock file, the packed library and both gateway libraries. `npm install` fails where the peers of the library
 * do not match the lock file.
 */
export class Project {
  readonly #root = mkdtempSync(join(tmpdir(), 'nestjs-heartbeat-'));
  readonly #folder = join(this.#root, 'project');

  constructor(name: string) {
    cpSync(join(SOURCES, 'consumers', name), this.#folder, { recursive: true });
    for (const source of ['identity', 'kit']) {
      transpile(source, 'module', join(this.#folder, `${source}.mjs`));
      transpile(source, 'commonjs', join(this.#folder, `${source}.cjs`));
    }
    const packages = [pack(this.#root)];
    for (const [library, type] of Object.entries(LIBRARIES))
      packages.push(writeLibrary(library, type, join(this.#root, library)));
    const options = [
      '--no-save',
      '--install-links',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
    ];
    const { code, output } = run(this.#folder, 'npm', ['install', ...options, ...packages]);
    if (code !== 0) throw new Error(`npm install failed in the project ${name}:\n${output}`);
  }

  /** Runs Node, by default the version that runs the tests. */
  node(args: readonly string[], version?: NodeVersion): Outcome {
    return run(this.#folder, findBinary(version), args);
  }

  /** Compiles applications such as `application.ts` to `.js` and checks all declarations of the packed library. */
  compile(...applications: string[]): Outcome {
    for (const file of applications) cpSync(join(SOURCES, file), join(this.#folder, file));
    writeJson(join(this.#folder, 'tsconfig.json'), {
      compilerOptions: {
        module: 'nodenext',
        target: 'ES2022',
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        skipLibCheck: false,
      },
      files: applications,
    });
    return this.node(['node_modules/typescript/bin/tsc']);
  }

  /** Runs `bundle/` in a folder without packages but `ws`, which Nest loads in a way that esbuild cannot see. */
  runBundle(main: string): Outcome {
    const folder = join(this.#root, 'bundle');
    const ws = join('node_modules', 'ws');
    cpSync(join(this.#folder, 'bundle'), folder, { recursive: true });
    cpSync(join(this.#folder, ws), join(folder, ws), { recursive: true });
    return run(folder, process.execPath, [main]);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Writes a gateway library as it would be published. Returns its folder. */
function writeLibrary(name: string, type: ModuleType, folder: string): string {
  transpile(`libraries/${name}`, type, join(folder, 'index.js'));
  writeJson(join(folder, 'package.json'), {
    name: `${name}-gateway`,
    version: '1.0.0',
    type,
    exports: './index.js',
    peerDependencies: { '@nestjs/websockets': '*', 'nestjs-heartbeat': '*' },
  });
  return folder;
}

/** Compiles one file, without a type check, but with the metadata that Nest injects by. */
function transpile(name: string, type: ModuleType, target: string): void {
  const source = readFileSync(join(SOURCES, `${name}.ts`), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: type === 'module' ? ts.ModuleKind.ES2022 : ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}

function findBinary(version: NodeVersion | undefined): string {
  return version === undefined ? process.execPath : findNode(version, NODE_CACHE).binary;
}

function run(cwd: string, command: string, args: readonly string[]): Outcome {
  // Without what Jest sets for its tests: it changes how npm, Express and test runners behave.
  const { NODE_ENV: _, JEST_WORKER_ID: __, FORCE_COLOR: ___, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
    timeout: 150_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

function writeJson(file: string, content: object): void {
  writeFileSync(file, JSON.stringify(content, null, 2));
}

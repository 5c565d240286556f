import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

const JEST = 'node_modules/jest/bin/jest.js';
const MODULES = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/** An option of Jest and Vitest: their 5 s are too short for a busy machine. */
const PATIENCE = '--testTimeout=60000';

/** The arguments of Node that start a test runner of a project. */
export const RUNNERS = {
  jest: [JEST, PATIENCE],
  jestModules: [...MODULES, JEST, PATIENCE],
  vitest: ['node_modules/vitest/vitest.mjs', 'run', PATIENCE],
  nodeTest: ['--test'],
} as const;

/** The Jest of this repository runs one file of a project that has none, which saves the time to install it. */
const jestHere = (file: string) => {
  const config = { testEnvironment: 'node', transform: {}, testMatch: [`**/${file}`] };
  return [
    fileURLToPath(new URL(`../../${JEST}`, import.meta.url)),
    PATIENCE,
    '--config',
    JSON.stringify(config),
    '--rootDir',
    '.',
  ];
};

/** How the projects of node.e2e.spec.ts run the tests of a gateway. */
export const KIT_RUNS: Readonly<Record<string, (readonly [name: string, args: string[]])[]>> = {
  'nest-11': [
    ['node:test', [...RUNNERS.nodeTest, 'kit.test.cjs']],
    ['Jest, as CommonJS', jestHere('kit.jest.cjs')],
  ],
  'nest-12': [
    ['node:test', [...RUNNERS.nodeTest, 'kit.test.mjs']],
    ['Jest, as ES modules', [...MODULES, ...jestHere('kit.jest.mjs')]],
    ['Vitest', [...RUNNERS.vitest, 'kit.vitest']],
  ],
};

/** The outcome of a runner, all of whose tests have passed: a line of Jest, of Vitest, or of node:test. */
export const passed = (tests: number) => ({
  code: 0,
  output: expect.stringMatching(
    new RegExp(
      `^(Tests: +${tests} passed, ${tests} total| +Tests +${tests} passed \\(${tests}\\)|\\S+ pass ${tests})$`,
      'm',
    ),
  ),
});

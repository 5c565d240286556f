// All tests, in projects. docs/CONTRIBUTING.md explains the lanes; `npm run check:lanes` lists the files of each.

/** The file name of a spec that belongs to `npm test`. */
const SPEC = '!(*.e2e|*.alone|*.nightly).spec.ts';
/** Folders and files that need no server: `unit`. */
const UNIT = [
  `**/test/{detector,options,simulation}/**/${SPEC}`,
  '**/test/protocol/{codec,fuzz,is-heartbeat}.spec.ts',
  '**/test/recipes/docs.spec.ts',
];
const CLIENT = [`**/test/client/**/${SPEC}`];
/** The tests of docs/testing.md, whose names users see. */
const DOCUMENTED = ['**/test/readme/testing/*.spec.ts'];

const swcOptions = (type) => ({
  swcrc: false,
  module: { type },
  sourceMaps: 'inline',
  // As in tsconfig.json, which swc does not read.
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: true,
      verbatimModuleSyntax: true,
    },
  },
});

/** @type {import('jest').Config} */
const base = {
  // Without node_modules: Jest lists every file below its roots once per project.
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/example'],
  testEnvironment: '<rootDir>/scripts/test.environment.mjs',
  // Nest 12 is ESM only, so the tests run as ES modules (`--experimental-vm-modules`, see package.json).
  extensionsToTreatAsEsm: ['.ts'],
  // `js` first: './x.js' is looked up as './x' below, and packages may ship `x.ts` beside `x.js`.
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  moduleNameMapper: {
    '^nestjs-heartbeat$': '<rootDir>/src/index.ts',
    '^nestjs-heartbeat/(client|client/reconnect|terminus|opentelemetry|prometheus|dashboard|presence|testing)$':
      '<rootDir>/src/$1/index.ts',
    '^\\.\\./heartbeat\\.peers\\.cjs$': '<rootDir>/src/heartbeat.peers.cts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': ['<rootDir>/scripts/swc.transformer.mjs', swcOptions('es6')],
    '^.+\\.cts$': ['<rootDir>/scripts/swc.transformer.mjs', swcOptions('commonjs')],
  },
};

const project = (name, options) => ({ ...base, displayName: name, ...options });

/** @type {import('jest').Config} */
export default {
  // Also for stryker.config.mjs, which replaces the projects.
  ...base,
  // Jest reads these once for all projects. The scripts in package.json override them where a lane needs others.
  testTimeout: 30_000,
  // Most tests wait for a socket or a timer: two cores run several files at a time.
  maxWorkers: 4,
  reporters: process.env.CI ? ['default', '<rootDir>/scripts/no-skips.reporter.mjs'] : ['default'],
  testSequencer: '<rootDir>/scripts/longest-first.sequencer.mjs',
  projects: [
    project('unit', { testMatch: UNIT }),
    // Also what `npm run test:matrix` runs on other versions of Nest and Node.
    project('behaviour', {
      testMatch: [
        `**/test/**/${SPEC}`,
        ...[...UNIT, ...CLIENT, ...DOCUMENTED].map((pattern) => `!${pattern}`),
      ],
    }),
    project('client', { testMatch: CLIENT }),
    project('e2e', {
      testMatch: ['**/test/**/*.e2e.spec.ts', ...DOCUMENTED, '**/example/*.spec.ts'],
    }),
    project('alone', {
      testMatch: ['**/test/**/*.alone.spec.ts'],
      runner: '<rootDir>/scripts/serial.runner.mjs',
    }),
    project('nightly', { testMatch: ['**/test/**/*.nightly.spec.ts'] }),
  ],
};

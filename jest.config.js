// Nest 12 is ESM only, so the tests run as ES modules (`--experimental-vm-modules`, see package.json).
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/!(*.slow|*.e2e).spec.ts'],
  // Copies of this project: for other versions of Nest, and those in which mutants live.
  modulePathIgnorePatterns: ['<rootDir>/\\.cache/', '<rootDir>/build/mutants/'],
  testTimeout: 30_000,
  maxWorkers: 2,
  reporters: process.env.CI ? ['default', '<rootDir>/scripts/no-skips.reporter.mjs'] : ['default'],
  extensionsToTreatAsEsm: ['.ts'],
  // `js` first: './x.js' is looked up as './x' below, and packages may ship `x.ts` beside `x.js`.
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  moduleNameMapper: {
    '^nestjs-heartbeat$': '<rootDir>/src/index.ts',
    '^nestjs-heartbeat/(client|client/reconnect)$': '<rootDir>/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
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
      },
    ],
  },
};

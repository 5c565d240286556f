// Mutation testing of the failure detector and the protocol: `npm run test:mutation`. It keeps two cores busy for
// minutes and is not part of `npm test`.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/detector/**/*.ts', 'src/protocol/**/*.ts'],
  thresholds: { high: 95, low: 90, break: 90 },
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    configFile: 'jest.config.js',
    enableFindRelatedTests: false,
    // The tests of both that need no socket.
    config: {
      projects: [],
      // Without example/, which is not copied.
      roots: ['<rootDir>/src', '<rootDir>/test'],
      testMatch: ['**/test/mutation/all.ts'],
      testEnvironment: './scripts/bail.environment.cjs',
    },
  },
  // Measures once which tests reach a mutant, and runs only those against it.
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  plugins: ['@stryker-mutator/jest-runner'],
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  tempDirName: 'build/mutants',
  ignorePatterns: ['/build', '/dist', '/docs', '/example', '/bench', '/coverage'],
  // swc compiles the tests, and `npm run typecheck` checks the types.
  disableTypeChecks: true,
  allowEmpty: false,
};

// Mutation testing of what must be right: `npm run test:mutation`, minutes of two cores. Not part of `npm test`.
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/detector/**/*.ts', 'src/protocol/**/*.ts'],
  thresholds: { high: 95, low: 90, break: 90 },
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'jest.mutation.config.js', enableFindRelatedTests: false },
  // Which tests reach a mutant is measured once: only those run against it.
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  plugins: ['@stryker-mutator/jest-runner'],
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  tempDirName: 'build/mutants',
  ignorePatterns: ['/build', '/dist', '/docs', '/example', '/bench', '/coverage'],
  // What is tested is compiled by swc, and the types have been checked before.
  disableTypeChecks: true,
  allowEmpty: false,
};

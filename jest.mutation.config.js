// What judges mutants of src/detector and src/protocol: the tests of the two that need no socket, thinned out.
import config from './jest.config.js';

// Thousands of runs: each test shows the same with less of it.
process.env.THIN = '1';

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: [
    '<rootDir>/test/detector/**/!(*.slow).spec.ts',
    '<rootDir>/test/protocol/{codec,is-heartbeat}.spec.ts',
  ],
  testEnvironment: './scripts/bail.environment.cjs',
  testSequencer: '<rootDir>/scripts/quick-first.sequencer.mjs',
};

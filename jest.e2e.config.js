// End-to-end tests that need the npm registry: projects of users that install the packed library.
import config from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: ['<rootDir>/test/**/*.e2e.spec.ts'],
  testTimeout: 180_000,
  // Files that share a download, such as that of another version of Node, must not start it twice.
  maxWorkers: 1,
};

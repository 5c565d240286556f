// The slow lane: tests that take minutes, because what they show takes minutes (a hidden tab is throttled after one).
import config from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: ['<rootDir>/test/**/*.slow.spec.ts'],
  testTimeout: 240_000,
};

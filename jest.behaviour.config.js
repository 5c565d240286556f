// The behaviour suite: what `npm run test:matrix` runs on each Nest, Node and kind of socket. Real applications and
// real sockets, in less than a minute on two cores. Left out is what is the same everywhere (the pure monitor,
// types, options), what is about other programs (browsers, packages, the demo, recipes), and what takes long to show.
import config from './jest.config.js';

const FOLDERS = [
  'application',
  'closing',
  'deployments',
  'detection',
  'events',
  'guard',
  'limits',
  'module',
  'pings',
  'protocol',
  'schedule',
  'service',
  'shutdown',
  'stall',
  'versions',
];

/** Crowds and clusters that need the machine for themselves and half a minute of it, and what is pure. */
const LEFT_OUT = [
  'deployments/cluster',
  'detection/thousand-frozen-clients',
  'stall/blocked-loop',
  'stall/stopped-server',
  'protocol/codec',
  'protocol/fuzz',
];

/** @type {import('jest').Config} */
export default {
  ...config,
  // These tests wait far more than they compute: two cores carry four at a time.
  maxWorkers: 4,
  testMatch: [`<rootDir>/test/{${FOLDERS.join(',')}}/!(*.slow).spec.ts`],
  testPathIgnorePatterns: LEFT_OUT.map((name) => `/test/${name}\\.spec\\.ts$`),
};

// As docs/troubleshooting.md, "One copy per process", recommends: every import of nestjs-heartbeat gets the CommonJS build.
const build = '<rootDir>/node_modules/nestjs-heartbeat/dist/cjs';

module.exports = {
  ...require('./jest.esm.config.js'),
  moduleNameMapper: {
    '^nestjs-heartbeat$': `${build}/index.js`,
    '^nestjs-heartbeat/(.*)$': `${build}/$1/index.js`,
  },
};

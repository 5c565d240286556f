// As in a project of the Nest 11 CLI. Jest cannot `require()` ES modules: a library that ships nothing else is compiled.
module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.test.js'],
  transform: { '^.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }] },
  transformIgnorePatterns: ['/node_modules/(?!esm-gateway/)'],
};

// For `--experimental-vm-modules`.
module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.test.mjs'],
  transform: {},
};

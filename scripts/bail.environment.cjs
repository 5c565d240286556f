// A Jest environment that skips all tests of a run after its first failure, in all files. Stryker cannot set Jest's own
// `bail`, and one failed test is enough to kill a mutant. CommonJS, because Stryker loads it by `require()`.
const { TestEnvironment } = require('jest-environment-node');

/** The variable in which Stryker names the active mutant. */
const MUTANT = '__STRYKER_ACTIVE_MUTANT__';

/** The run in which a test failed. A run tests one mutant, and all its files share this process. */
let failedRun;

module.exports = class BailEnvironment extends TestEnvironment {
  handleTestEvent(event) {
    const { [MUTANT]: run } = process.env;
    if (run === undefined) return;
    if (event.name === 'test_start' && failedRun === run) event.test.mode = 'skip';
    if (event.name === 'test_done' && event.test.errors.length > 0) failedRun = run;
  }
};

// A Jest environment that skips everything after the first failure of a run, in all files. Jest's own `bail`
// is out of reach of Stryker, and a mutant is dead as soon as one test says so. CommonJS, as Stryker loads it.
const { TestEnvironment } = require('jest-environment-node');

/** Where Stryker says which mutant is alive. */
const MUTANT = '__STRYKER_ACTIVE_MUTANT__';

/** The run in which a test failed: a run judges one mutant. All files of a run share this process. */
let failedRun;

module.exports = class BailEnvironment extends TestEnvironment {
  handleTestEvent(event) {
    const { [MUTANT]: run } = process.env;
    if (run === undefined) return;
    if (event.name === 'test_start' && failedRun === run) event.test.mode = 'skip';
    if (event.name === 'test_done' && event.test.errors.length > 0) failedRun = run;
  }
};

import { expect, test } from '@jest/globals';
import { simulate } from './simulate.js';

/** Several, so that the run of a mutant ends with the first that fails. */
test.each([1, 2, 3, 4, 5])('every promise is kept in a few schedules, seed %i', (seed) => {
  expect(simulate('heartbeat', seed, 120, false).failure).toBeUndefined();
});

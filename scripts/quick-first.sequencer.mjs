// Runs small test files first: they are over soonest, and whoever stops at the first failure wants it soon.
import { statSync } from 'node:fs';
import TestSequencer from '@jest/test-sequencer';

const size = ({ path }) => statSync(path).size;

export default class QuickFirstSequencer extends TestSequencer {
  sort(tests) {
    return tests.toSorted((a, b) => size(a) - size(b));
  }
}

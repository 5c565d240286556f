import Sequencer from '@jest/test-sequencer';

/** The files that take longest. Jest knows no durations in a fresh clone, and starts small files last. */
const LONGEST = [
  'test/package/node.e2e',
  'test/demo/',
  'test/dashboard/page.polls',
  'test/deployments/streams/',
  'test/presence/faults/',
  'test/network/',
  'test/presence/redis/',
  'test/browser/',
  'test/dashboard/page.',
  'test/simulation/',
  'test/presence/',
  'test/dashboard/actions',
];

const rankOf = ({ path }) => {
  const rank = LONGEST.findIndex((part) => path.includes(part));
  return rank === -1 ? LONGEST.length : rank;
};

/** Jest's order, after the files that take longest: one of them at the end would keep one core idle. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of Jest
    return super.sort(tests).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

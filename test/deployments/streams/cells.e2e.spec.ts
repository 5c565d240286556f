import { expect, test } from '@jest/globals';
import { cellsOf, type Cell } from '../support/cells.js';
import { DEFAULTS, FAST, LINK, PACES, STEADY, type Pace } from '../support/transfer.js';

const FACTORS = ['transport', 'compression', 'sender', 'messages', 'liveness'] as const;

type Factor = (typeof FACTORS)[number] | 'fault';

/** The combinations of two values that occur in a list of cells, and those that are possible with their values. */
function pairsOf(cells: readonly Cell[], one: Factor, other: Factor) {
  const valuesOf = (factor: Factor) => new Set(cells.map((cell) => cell[factor]));
  const covered = new Set(cells.map((cell) => `${cell[one]} ${cell[other]}`));
  return { covered: covered.size, possible: valuesOf(one).size * valuesOf(other).size };
}

test.each(PACES.map((pace): [string, Pace] => [pace.name, pace]))(
  'the six cells of the pace %s cover all pairs of the other factors',
  (_, pace) => {
    const cells = cellsOf(pace);
    expect(cells).toHaveLength(6);
    for (const [index, one] of FACTORS.entries()) {
      expect(new Set(cells.map((cell) => cell[one])).size).toBe(one === 'transport' ? 3 : 2);
      for (const other of FACTORS.slice(index + 1)) {
        const { covered, possible } = pairsOf(cells, one, other);
        expect(`${one} x ${other}: ${covered}`).toBe(`${one} x ${other}: ${possible}`);
      }
    }
  },
);

test.each([
  ['fast lane', [FAST, STEADY]],
  ['slow lane', [DEFAULTS, LINK]],
])('the cells of the %s pair each fault with each value of the other factors', (_, paces) => {
  const cells = paces.flatMap(cellsOf);
  expect(new Set(cells.map(({ fault }) => fault)).size).toBe(3);
  for (const factor of FACTORS) {
    const { covered, possible } = pairsOf(cells, 'fault', factor);
    expect(`${factor}: ${covered}`).toBe(`${factor}: ${possible}`);
  }
});

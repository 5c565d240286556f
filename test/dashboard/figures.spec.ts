import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ClosingAges } from '../../src/dashboard/closing.ages.js';
import { bytes, duration, timeOfDay } from '../../src/dashboard/figures.js';
import { FirstRows } from '../../src/dashboard/first.rows.js';
import { percentile } from '../../src/dashboard/percentile.js';
import { ADDRESS_FORMATS } from '../../src/dashboard/remote.addresses.js';

test.each([
  [0, '0 ms'],
  [2.6, '3 ms'],
  [999, '999 ms'],
  [4_500, '4.5 s'],
  [45_000, '45 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [125_900, '2 min 5 s'],
  [4 * 3_600_000, '4 h'],
  [4 * 3_600_000 + 61_000, '4 h 1 min'],
  [74 * 3_600_000, '3 d 2 h'],
])('%p ms are shown as %p', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 kB'],
  [12_345_678, '12 MB'],
  [3e15, '3000 TB'],
])('%p bytes are shown as %p', (count, text) => expect(bytes(count)).toBe(text));

test('a time of day is that of UTC', () => {
  expect(timeOfDay(Date.UTC(2026, 0, 1, 12, 3, 11, 999))).toBe('12:03:11 UTC');
});

describe('a masked address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.x'],
    ['::ffff:203.0.113.7', '203.0.113.x'],
    ['::FFFF:203.0.113.7', '203.0.113.x'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::x'],
    ['2001:DB8:1::7', '2001:db8:1::x'],
    ['2001:db8::7', '2001:db8::x'],
    ['fe80::1%eth0', 'fe80::x'],
    ['::1', '::x'],
    ['2001:0:0:1::', '2001::x'],
    ['2001:0:5:1::', '2001:0:5::x'],
    ['64:ff9b::203.0.113.7', '64:ff9b::x'],
  ])('of %s is %s', (address, masked) => expect(ADDRESS_FORMATS.masked(address)).toBe(masked));

  test.each([[undefined], [''], ['/tmp/server.sock'], ['203.0.113']])('of %p is none', (address) =>
    expect(ADDRESS_FORMATS.masked(address) || undefined).toBeUndefined(),
  );

  test('depends on the first 48 bits of IPv6 alone, and contains no more', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const masked = ADDRESS_FORMATS.masked(address) ?? '';
        expect(masked.split(':').length).toBeLessThanOrEqual(5);
        const again = ADDRESS_FORMATS.masked(masked.replace('x', '1'));
        expect(again).toBe(masked);
      }),
    );
  });
});

describe('a percentile', () => {
  test.each<[string, number[], number, number]>([
    ['of one bucket is interpolated', [4, 0, 0], 0.5, 5],
    ['skips empty buckets', [0, 4, 0], 0.5, 15],
    ['at the end of a bucket is its limit', [5, 5, 0], 0.5, 10],
    ['in the last bucket is its lower limit', [1, 0, 99], 0.5, 20],
    ['of no values is 0', [0, 0, 0], 0.95, 0],
  ])('%s', (_, counts, share, expected) =>
    expect(percentile([10, 20], counts, share)).toBe(expected),
  );
});

test('the first rows are those of a full sort', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(20), (rows, limit) => {
      const first = new FirstRows<number>((a, b) => a - b, limit);
      for (const row of rows) first.add(row);
      expect(first.sorted()).toEqual(rows.toSorted((a, b) => a - b).slice(0, limit));
    }),
  );
});

test('closing ages count the kept minutes and the current one', () => {
  const ages = new ClosingAges(2);
  const sum = () => ages.counts().counts.reduce((total, count) => total + count, 0);
  for (const age of [0, 1_000, 1_001, 25 * 3_600_000]) ages.add(age);
  const { upTo, counts } = ages.counts();
  expect(counts).toHaveLength(upTo.length + 1);
  expect([counts[0], counts[1], counts.at(-1), sum()]).toEqual([2, 1, 1, 4]);
  ages.next();
  ages.add(5);
  ages.next();
  expect(sum()).toBe(5);
  ages.next();
  expect(sum()).toBe(1);
});

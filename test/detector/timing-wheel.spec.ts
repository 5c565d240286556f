import { expect, test } from '@jest/globals';
import { TimingWheel, WheelEntry } from '../../src/detector/timing-wheel.js';

class Named extends WheelEntry {
  constructor(readonly name: string) {
    super();
  }
}

function takeAll(wheel: TimingWheel<Named>): string[] {
  const names: string[] = [];
  for (let entry = wheel.take(); entry; entry = wheel.take()) names.push(entry.name);
  return names;
}

test('hands out entries in the order of their slots, and in the order of arrival within one', () => {
  const wheel = new TimingWheel<Named>();
  for (const [name, slot] of [
    ['b', 2],
    ['c', 2],
    ['d', 3],
    ['a', 1],
  ] as const) {
    wheel.place(new Named(name), slot);
  }
  wheel.advance(2);
  expect(takeAll(wheel)).toEqual(['a', 'b', 'c']);
  wheel.advance(3);
  expect(takeAll(wheel)).toEqual(['d']);
});

test('never hands out an entry before its slot', () => {
  const wheel = new TimingWheel<Named>();
  wheel.place(new Named('later'), 100);
  wheel.advance(99);
  expect(takeAll(wheel)).toEqual([]);
  wheel.advance(100);
  expect(takeAll(wheel)).toEqual(['later']);
});

test('places what is due already into the next slot, and what is too far away at the horizon', () => {
  const wheel = new TimingWheel<Named>();
  wheel.advance(1_000);
  wheel.place(new Named('overdue'), 3);
  wheel.place(new Named('far'), 1_000_000);
  wheel.advance(1_001);
  expect(takeAll(wheel)).toEqual(['overdue']);
  wheel.advance(1_000 + TimingWheel.HORIZON);
  expect(takeAll(wheel)).toEqual(['far']);
});

test('an entry that is placed again waits only there', () => {
  const wheel = new TimingWheel<Named>();
  const entry = new Named('moved');
  wheel.place(entry, 1);
  wheel.place(entry, 5);
  wheel.advance(4);
  expect(takeAll(wheel)).toEqual([]);
  wheel.advance(5);
  expect(takeAll(wheel)).toEqual(['moved']);
});

test('an entry that expired and is not taken yet can be placed again or removed', () => {
  const wheel = new TimingWheel<Named>();
  const [again, gone] = [new Named('again'), new Named('gone')];
  wheel.place(again, 1);
  wheel.place(gone, 1);
  wheel.advance(1);
  wheel.place(again, 2);
  wheel.remove(gone);
  expect(takeAll(wheel)).toEqual([]);
  wheel.advance(2);
  expect(takeAll(wheel)).toEqual(['again']);
  expect(gone.isWaiting).toBe(false);
});

test('survives a jump over more slots than it has', () => {
  const wheel = new TimingWheel<Named>();
  for (let slot = 1; slot < 500; slot++) wheel.place(new Named(`${slot}`), slot);
  wheel.advance(1_000_000);
  expect(takeAll(wheel)).toHaveLength(499);
  wheel.place(new Named('after'), 1_000_001);
  wheel.advance(1_000_001);
  expect(takeAll(wheel)).toEqual(['after']);
});

test('knows how far it is, and does not go back', () => {
  const wheel = new TimingWheel<Named>();
  wheel.advance(1_000_000);
  expect(wheel.current).toBe(1_000_000);
  wheel.advance(5);
  expect(wheel.current).toBe(1_000_000);
});

test('an entry that is placed next expires with the next slot, and one that has expired keeps its place', () => {
  const wheel = new TimingWheel<Named>();
  const [late, due] = [new Named('late'), new Named('due')];
  wheel.place(late, 9);
  wheel.place(due, 1);
  wheel.placeNext(late);
  wheel.placeNext(due);
  wheel.advance(1);
  wheel.placeNext(due);
  wheel.placeNext(late);
  expect(takeAll(wheel)).toEqual(['due', 'late']);
});

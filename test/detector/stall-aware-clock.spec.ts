import { expect, test } from '@jest/globals';
import { StallAwareClock } from '../../src/detector/stall-aware-clock.js';

test('runs with real time while ticks come in time, also when each is a little late', () => {
  const clock = new StallAwareClock(1_000, 100);
  for (let real = 1_150; real <= 4_000; real += 150) expect(clock.advance(real)).toBe(0);
  expect(clock.now).toBe(3_000);
  expect(clock.delay).toBe(50);
});

test.each([200, 1_000, 86_400_000])(
  'counts a gap of %d ms as one tick and returns its length',
  (gap) => {
    const clock = new StallAwareClock(0, 100);
    clock.advance(100);
    expect(clock.advance(100 + gap)).toBe(gap);
    expect(clock.now).toBe(200);
    expect(clock.stalls).toBe(1);
  },
);

test('the longest gap that counts is 1.25 ticks and 50 ms', () => {
  const clock = new StallAwareClock(0, 100);
  expect(clock.isStalledAt(175)).toBe(false);
  expect(clock.isStalledAt(176)).toBe(true);
  expect(clock.advance(175)).toBe(0);
  expect(clock.advance(175 + 176)).toBe(176);
});

test('is stalled between two ticks exactly when the next tick will be a stall', () => {
  for (const real of [62, 62.4, 62.6, 62.9, 63]) {
    const clock = new StallAwareClock(0, 10);
    const isStalled = clock.isStalledAt(real);
    clock.reach(real);
    const { reached } = clock;
    expect([real, clock.advance(real) > 0]).toEqual([real, isStalled]);
    expect(reached).toBeGreaterThanOrEqual(clock.now);
  }
});

test('never runs backwards', () => {
  const clock = new StallAwareClock(1_000, 100);
  clock.advance(900);
  expect(clock.now).toBe(0);
  clock.advance(1_100);
  expect(clock.now).toBe(100);
});

test('does not lose the fractions of a millisecond', () => {
  const clock = new StallAwareClock(0, 10);
  for (let tick = 1; tick <= 1_000; tick++) clock.advance(tick * 10.9);
  expect(clock.now).toBe(10_900);
});

test('what is received in a tick is stamped with the time of the next one', () => {
  const clock = new StallAwareClock(0, 100);
  clock.advance(100);
  const stamp = clock.ticks;
  expect(clock.after(stamp)).toBe(101);
  clock.advance(230);
  expect(clock.after(stamp)).toBe(231);
  for (let tick = 1; tick <= 600; tick++) clock.advance(230 + tick * 100);
  expect(clock.after(stamp)).toBe(231);
});

test('a stamp that is too old to resolve is taken for younger, never for older', () => {
  const clock = new StallAwareClock(0, 100);
  clock.advance(100);
  const stamp = clock.ticks;
  for (let tick = 2; tick <= 20_000; tick++) clock.advance(tick * 100);
  expect(clock.after(stamp)).toBeGreaterThan(201);
});

test('time that is skipped is no stall and does not count', () => {
  const clock = new StallAwareClock(0, 100);
  clock.skip(60_000);
  expect(clock.advance(60_100)).toBe(0);
  expect(clock.now).toBe(100);
});

test('a stall is detected from the last tick on, wherever the clock started', () => {
  const clock = new StallAwareClock(1_000, 100);
  expect(clock.isStalledAt(1_175)).toBe(false);
  expect(clock.isStalledAt(1_176)).toBe(true);
  clock.retick(10);
  expect(clock.isStalledAt(1_063)).toBe(true);
});

test('a stamp that is too old is taken for the oldest that is known', () => {
  const clock = new StallAwareClock(0, 100);
  for (let tick = 1; tick <= 20_000; tick++) clock.advance(tick * 100);
  expect(clock.after(1)).toBe((20_000 - 8_191) * 100 + 1);
});

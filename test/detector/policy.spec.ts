import { expect, test } from '@jest/globals';
import { policy } from '../support/simulation.js';

test.each([
  // interval, timeout, tick: by what bounds it
  [25_000, 45_000, 100], // never more
  [20, 40, 10], // never less
  [200, 10_000, 50], // a quarter of the interval
  [1_000, 1_200, 50], // a quarter of what lies between the two
  [1_000, 1_600, 71], // a twentieth of the timeout, cut so that it fits into half an interval
])('interval %d and timeout %d make a tick of %d', (interval, timeout, tick) => {
  expect(policy({ interval, timeout }).tick).toBe(tick);
});

test('what is derived from the times is whole, and rounded up', () => {
  expect(policy({ interval: 100.5, timeout: 200.2, idleTimeout: 0.5 })).toMatchObject({
    interval: 101,
    timeout: 201,
    suspectAfter: 151,
    pongTimeout: 100,
    followUpAfter: 25,
    idleTimeout: 1,
    maxLifetime: Infinity,
    admissionTimeout: Infinity,
    application: false,
    dryRun: false,
    stalledBacklog: Infinity,
    maxBacklog: Infinity,
  });
});

test.each([
  [1_000, 71, 7],
  [1_000, 100, 5],
  [5, 10, 1],
])('half an interval of %d is, with ticks of %d, %d slots', (interval, tick, slots) => {
  expect(policy({ interval, timeout: 2 * interval }).halfInterval(tick)).toBe(slots);
});

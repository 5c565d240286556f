import { expect, test } from '@jest/globals';
import { RoundTripEstimator } from '../../src/detector/round-trip.estimator.js';

test('starts as RFC 6298 does: the first sample, and half of it as variation', () => {
  expect(new RoundTripEstimator(80)).toMatchObject({
    last: 80,
    smoothed: 80,
    variation: 40,
    min: 80,
  });
});

test('smooths as RFC 6298 does', () => {
  const rtt = new RoundTripEstimator(80);
  rtt.add(160);
  expect(rtt).toMatchObject({ last: 160, smoothed: 90, variation: 50, min: 80 });
  rtt.add(10);
  expect(rtt).toMatchObject({ last: 10, smoothed: 80, variation: 57.5, min: 10 });
});

test('settles on a constant round trip', () => {
  const rtt = new RoundTripEstimator(500);
  for (let sample = 0; sample < 200; sample++) rtt.add(20);
  expect(rtt.smoothed).toBeCloseTo(20, 3);
  expect(rtt.variation).toBeCloseTo(0, 3);
});

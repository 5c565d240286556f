import { expect, test } from '@jest/globals';
import { MeasuredConnection } from '../../src/transport/measured.connection.js';
import { policy, SimulatedPeer } from '../support/simulation.js';

/** A connection whose round trips took the given times in ms. */
function measured(...durations: readonly number[]): MeasuredConnection['roundTrip'] {
  const peer = new SimulatedPeer(policy(), 1);
  for (const duration of durations) peer.onRoundTrip(duration, 0);
  return peer.roundTrip;
}

test('there are no round-trip times before the first', () => {
  expect([measured(), measured(NaN)]).toEqual([undefined, undefined]);
});

test('starts as RFC 6298 does: the first sample, and half of it as variation', () => {
  expect(measured(80)).toEqual({ last: 80, smoothed: 80, variation: 40, min: 80 });
});

test('smooths as RFC 6298 does', () => {
  expect(measured(80, 160)).toEqual({ last: 160, smoothed: 90, variation: 50, min: 80 });
  expect(measured(80, 160, 10)).toEqual({ last: 10, smoothed: 80, variation: 57.5, min: 10 });
});

test('settles on a constant round trip', () => {
  const { smoothed, variation } = measured(500, ...Array.from({ length: 200 }, () => 20)) ?? {};
  expect(smoothed).toBeCloseTo(20, 3);
  expect(variation).toBeCloseTo(0, 3);
});

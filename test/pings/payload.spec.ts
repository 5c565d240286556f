import { expect, test } from '@jest/globals';
import { PingPayloads, type Moment } from '../../src/transport/ping.payloads.js';

const at = (real: number, stalls = 0): Moment => ({ real, stalls, isStalled: false });

test('who is pinged within a quarter of a millisecond gets the same payload, who comes later does not', () => {
  const challenger = new PingPayloads();
  const first = challenger.shared(at(100));
  expect(challenger.shared(at(100.25))).toBe(first);
  const second = challenger.shared(at(100.26));
  expect(second.isAnsweredBy(first.payload)).toBe(false);
  expect(challenger.shared(at(100.4))).toBe(second);
  expect(second.roundTrip(at(103.26))).toBeCloseTo(3, 9);
});

test('a stall in between makes it another', () => {
  const challenger = new PingPayloads();
  const before = challenger.shared(at(100));
  expect(challenger.shared(at(100, 1))).not.toBe(before);
});

test('what one asks for alone, nobody shares', () => {
  const challenger = new PingPayloads();
  const drawn = [
    challenger.shared(at(100)),
    challenger.challenge(at(100)),
    challenger.challenge(at(100)),
  ];
  expect(challenger.shared(at(100))).toBe(drawn[0]);
  expect(new Set(drawn.map(({ payload }) => payload.toString('hex'))).size).toBe(3);
});

test('payloads are eight random bytes', () => {
  const challenger = new PingPayloads();
  const payloads = Array.from({ length: 2_000 }, () => challenger.challenge(at(0)).payload);
  expect(payloads.every(({ length }) => length === 8)).toBe(true);
  expect(new Set(payloads.map((payload) => payload.toString('hex'))).size).toBe(2_000);
});

import { expect, test } from '@jest/globals';
import { PingPayloads } from '../../src/transport/ping.payloads.js';

test('payloads are eight random bytes, and no two pings have the same', () => {
  const payloads = new PingPayloads();
  const drawn = Array.from({ length: 2_000 }, () => payloads.draw());
  expect(drawn.every(({ length }) => length === 8)).toBe(true);
  expect(new Set(drawn.map((payload) => payload.toString('hex'))).size).toBe(2_000);
});

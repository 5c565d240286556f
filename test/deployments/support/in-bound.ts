import { expect } from '@jest/globals';
import type { EvictionCause } from 'nestjs-heartbeat';
import type { Moment, StreamRecord } from './stream.record.js';

/**
 * By how much an eviction may be late because the machine has other things to do. A constant: a lateness that the
 * server reports of itself would forgive its own delays. Milliseconds.
 */
const NOISE = 1_000;

interface Times {
  readonly interval: number;
  readonly timeout: number;
}

/**
 * Expects that a client was evicted exactly once, not sooner than `timeout` after its last progress, at most 10 % and a
 * tick later, and disconnected exactly once. A slow consumer is found at a check, at most `interval` / 2 and a tick
 * after the condition holds. Returns how long after its last progress it was evicted.
 */
export function expectEvictedInTime(
  { evicted, disconnected, lastReceived, lastTaken }: StreamRecord,
  { interval, timeout }: Times,
  tick: number,
  cause: EvictionCause,
): { after: number } {
  expect(evicted).toHaveLength(1);
  expect(disconnected).toHaveLength(1);
  expect(evicted[0]?.cause).toBe(cause);
  const at = Number(evicted[0]?.at);
  // A slow consumer may send: only what it takes is progress.
  const last = cause === 'slow-consumer' ? lastTaken : later(lastTaken, lastReceived);
  expect(at - last.notBefore).toBeGreaterThanOrEqual(timeout);
  const found = cause === 'slow-consumer' ? interval / 2 + tick : 0;
  expect(at - last.at).toBeLessThan(1.1 * timeout + tick + found + NOISE);
  return { after: at - last.at };
}

function later(one: Moment, other: Moment): Moment {
  return one.at > other.at ? one : other;
}

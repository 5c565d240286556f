import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createAdaptiveTimeout } from '../../src/client/adaptive.timeout.js';
import { createServerDetector, type ServerDetector } from '../../src/client/server.detector.js';

/** With these the server is suspect after 300 ms of silence and dead after 400; a probe may take 50 ms. */
const INTERVAL = 200;
const TIMEOUT = 400;
const PROBE_TIMEOUT = 50;
const GRACE_PERIOD = 50;

let actions: string[];
let detector: ServerDetector;
/** Added to the clock, ms, without running timers. */
let clockOffset: number;

beforeEach(() => {
  jest.useFakeTimers();
  clockOffset = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + clockOffset);
  actions = [];
  detector = createServerDetector(PROBE_TIMEOUT, createAdaptiveTimeout(), (action) =>
    actions.push(action),
  );
  detector.start(INTERVAL, TIMEOUT);
});
afterEach(() => {
  detector.stop();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** Runs the next timer late, as in a process that was stopped or on a page that was frozen. */
function runTimerLate(by: number): void {
  clockOffset += by;
  jest.advanceTimersToNextTimer();
}

test('a silent server is suspect and pinged, and dead at the timeout, not before', () => {
  jest.advanceTimersByTime(299);
  expect(actions).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(actions).toEqual(['suspect', 'ping']);
  jest.advanceTimersByTime(99 + GRACE_PERIOD);
  expect(actions).toEqual(['suspect', 'ping']);
  jest.advanceTimersByTime(1);
  expect(actions).toEqual(['suspect', 'ping', 'dead']);
});

test('after a false detection the timeout doubles, and heartbeats are sent meanwhile', () => {
  jest.advanceTimersByTime(TIMEOUT + GRACE_PERIOD);
  detector.onClosed(true);
  actions.length = 0;
  detector.onMessage();
  jest.advanceTimersByTime(2 * TIMEOUT + GRACE_PERIOD - 1);
  expect(actions).toEqual(['suspect', 'ping', 'heartbeat']);
  jest.advanceTimersByTime(1);
  expect(actions).toEqual(['suspect', 'ping', 'heartbeat', 'dead']);
});

test('the timeout grows to at most four times the granted one', () => {
  for (let death = 0; death < 4; death++) {
    jest.advanceTimersByTime(8 * TIMEOUT);
    detector.onClosed(true);
    detector.onMessage();
  }
  actions.length = 0;
  jest.advanceTimersByTime(4 * TIMEOUT + GRACE_PERIOD - 1);
  expect(actions).not.toContain('dead');
  jest.advanceTimersByTime(1);
  expect(actions.at(-1)).toBe('dead');
});

test('an incomplete closing handshake, or one of a server that was not dead, does not extend the timeout', () => {
  detector.onClosed(true);
  jest.advanceTimersByTime(TIMEOUT + GRACE_PERIOD);
  detector.onClosed(false);
  detector.onMessage();
  actions.length = 0;
  jest.advanceTimersByTime(TIMEOUT + GRACE_PERIOD);
  expect(actions).toEqual(['suspect', 'ping', 'dead']);
});

test('a reset of the extended timeout does not shorten a silence that has begun', () => {
  const adaptive = createAdaptiveTimeout();
  const otherActions: string[] = [];
  const other = createServerDetector(PROBE_TIMEOUT, adaptive, (action) =>
    otherActions.push(action),
  );
  adaptive.onClosed(true);
  other.start(INTERVAL, TIMEOUT);
  // Another connection of the same class has no dead server for ten intervals.
  jest.advanceTimersByTime(TIMEOUT);
  const before = adaptive.factor();
  for (let count = 0; count < 2; count++) {
    clockOffset += 11 * INTERVAL;
    adaptive.onMessage(INTERVAL);
    clockOffset -= 11 * INTERVAL;
  }
  expect([before, adaptive.factor()]).toEqual([2, 1]);
  jest.advanceTimersByTime(TIMEOUT + GRACE_PERIOD - 1);
  expect(otherActions).not.toContain('dead');
  other.stop();
});

test('a message restarts the timeout, even in the grace period', () => {
  jest.advanceTimersByTime(400 + GRACE_PERIOD - 1);
  detector.onMessage();
  jest.advanceTimersByTime(299);
  expect(actions).toEqual(['suspect', 'ping']);
});

test('a late timer requests a ping, however often it is late, and never declares the server dead', () => {
  for (let count = 0; count < 10; count++) runTimerLate(60_000);
  expect(actions).toEqual(Array<string>(10).fill('ping'));
  jest.advanceTimersByTime(PROBE_TIMEOUT + GRACE_PERIOD);
  expect(actions.slice(10)).toEqual(['dead']);
});

test('a timer of a hidden page, which runs once per second, is not late', () => {
  runTimerLate(1_000);
  expect(actions).toEqual(['suspect', 'ping']);
});

test('further requests for a ping do not extend the deadline', () => {
  detector.ping();
  for (let count = 0; count < 4; count++) {
    jest.advanceTimersByTime(PROBE_TIMEOUT / 5);
    detector.ping();
  }
  jest.advanceTimersByTime(PROBE_TIMEOUT / 5 + GRACE_PERIOD);
  expect(actions).toEqual([...Array<string>(5).fill('ping'), 'dead']);
});

test('a stopped detector does nothing and has no timer', () => {
  detector.stop();
  detector.onMessage();
  detector.ping();
  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(10_000);
  expect(actions).toEqual([]);
});

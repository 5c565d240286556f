import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { adaptTimeout } from '../../src/client/adaptive.timeout.js';
import { judgeSilence, type ServerDetector } from '../../src/client/server.detector.js';

/** Suspected at 300 ms of silence, condemned at 400; probes have 50 ms. */
const INTERVAL = 200;
const TIMEOUT = 400;
const PROBE = 50;
const LAST_CALL = 50;

let said: string[];
let judge: ServerDetector;
let ahead: number;

beforeEach(() => {
  jest.useFakeTimers();
  ahead = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  said = [];
  judge = judgeSilence(PROBE, adaptTimeout(), (step) => said.push(step));
  judge.start(INTERVAL, TIMEOUT);
});
afterEach(() => {
  judge.stop();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** Lets the next timer ring as late as in a process that was stopped, or a page that was asleep. */
function ringLate(by: number): void {
  ahead += by;
  jest.advanceTimersToNextTimer();
}

test('a silent server is suspected and asked, and condemned at the timeout, not before', () => {
  jest.advanceTimersByTime(299);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(said).toEqual(['suspect', 'ask']);
  jest.advanceTimersByTime(99 + LAST_CALL);
  expect(said).toEqual(['suspect', 'ask']);
  jest.advanceTimersByTime(1);
  expect(said).toEqual(['suspect', 'ask', 'dead']);
});

test('a server that was alive gets twice as long, and hears of the client meanwhile', () => {
  jest.advanceTimersByTime(TIMEOUT + LAST_CALL);
  judge.closed(true);
  said.length = 0;
  judge.heard();
  jest.advanceTimersByTime(2 * TIMEOUT + LAST_CALL - 1);
  expect(said).toEqual(['suspect', 'ask', 'beat']);
  jest.advanceTimersByTime(1);
  expect(said).toEqual(['suspect', 'ask', 'beat', 'dead']);
});

test('the timeout grows to four times at most', () => {
  for (let death = 0; death < 4; death++) {
    jest.advanceTimersByTime(8 * TIMEOUT);
    judge.closed(true);
    judge.heard();
  }
  said.length = 0;
  jest.advanceTimersByTime(4 * TIMEOUT + LAST_CALL - 1);
  expect(said).not.toContain('dead');
  jest.advanceTimersByTime(1);
  expect(said.at(-1)).toBe('dead');
});

test('a closing handshake that does not complete, or follows no death, gives no more time', () => {
  judge.closed(true);
  jest.advanceTimersByTime(TIMEOUT + LAST_CALL);
  judge.closed(false);
  judge.heard();
  said.length = 0;
  jest.advanceTimersByTime(TIMEOUT + LAST_CALL);
  expect(said).toEqual(['suspect', 'ask', 'dead']);
});

test('the end of a longer timeout does not shorten a silence that has begun', () => {
  const adaptive = adaptTimeout();
  const own: string[] = [];
  const other = judgeSilence(PROBE, adaptive, (step) => own.push(step));
  adaptive.closed(true);
  other.start(INTERVAL, TIMEOUT);
  // Another connection of the same class is quiet for ten intervals.
  jest.advanceTimersByTime(TIMEOUT);
  const before = adaptive.factor();
  for (let beat = 0; beat < 2; beat++) {
    ahead += 11 * INTERVAL;
    adaptive.heard(INTERVAL);
    ahead -= 11 * INTERVAL;
  }
  expect([before, adaptive.factor()]).toEqual([2, 1]);
  jest.advanceTimersByTime(TIMEOUT + LAST_CALL - 1);
  expect(own).not.toContain('dead');
  other.stop();
});

test('whoever speaks begins anew, even at the last call', () => {
  jest.advanceTimersByTime(400 + LAST_CALL - 1);
  judge.heard();
  jest.advanceTimersByTime(299);
  expect(said).toEqual(['suspect', 'ask']);
});

test('a late timer asks, however often it is late, and never judges', () => {
  for (let count = 0; count < 10; count++) ringLate(60_000);
  expect(said).toEqual(Array<string>(10).fill('ask'));
  jest.advanceTimersByTime(PROBE + LAST_CALL);
  expect(said.slice(10)).toEqual(['dead']);
});

test('a timer of a hidden page, which rings on the full second, judges', () => {
  ringLate(1_000);
  expect(said).toEqual(['suspect', 'ask']);
});

test('asking again does not give more time', () => {
  judge.ask();
  for (let count = 0; count < 4; count++) {
    jest.advanceTimersByTime(PROBE / 5);
    judge.ask();
  }
  jest.advanceTimersByTime(PROBE / 5 + LAST_CALL);
  expect(said).toEqual([...Array<string>(5).fill('ask'), 'dead']);
});

test('nobody is asked or condemned before the start, or after the end', () => {
  judge.stop();
  judge.heard();
  judge.ask();
  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(10_000);
  expect(said).toEqual([]);
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { judgeSilence, type SilenceJudge } from '../../src/client/silence.judge.js';

/** Suspected at 300 ms of silence, condemned at 400; probes have 50 ms. */
const INTERVAL = 200;
const TIMEOUT = 400;
const PROBE = 50;
const LAST_CALL = 50;

let said: string[];
let judge: SilenceJudge;
let ahead: number;

beforeEach(() => {
  jest.useFakeTimers();
  ahead = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  said = [];
  judge = judgeSilence(PROBE, (step) => said.push(step));
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

import { expect, test } from '@jest/globals';
import { ConnectionCheck } from '../../src/detector/connection.check.js';
import { DetectorTime } from '../../src/detector/detector.time.js';
import { policy, SimulatedPeer, Simulation } from '../support/simulation.js';

test.each([
  [false, false, false],
  [true, false, true],
  [false, true, true],
  [true, true, true],
])(
  'a connection is paused by the application (%p) or by its socket (%p): %p',
  (byApplication, bySocket, paused) => {
    const simulation = new Simulation(policy({ interval: 1_000, timeout: 2_000 }));
    const peer = simulation.connect();
    if (byApplication) simulation.detector.pause(peer);
    peer.isReadingPaused = bySocket;
    expect(simulation.detector.describe(peer)).toMatchObject({ paused, state: 'alive' });
  },
);

test('the longest silence does not count bytes that no event has announced', () => {
  const simulation = new Simulation(policy({ interval: 10_000, timeout: 20_000 }));
  const peer = simulation.connect();
  for (let tick = 0; tick < 5; tick++) simulation.tick(100);
  const { detector } = simulation;
  const silence = peer.longestSilence(detector.clock);
  expect(silence).toBeGreaterThan(300);
  expect(detector.describe(peer).silence).toBe(silence);
  peer.bytesRead += 1;
  expect(peer.longestSilence(detector.clock)).toBe(silence);
  expect(detector.describe(peer).silence).toBe(0);
});

test('a check that decides nothing has no result', () => {
  const simulation = new Simulation(policy());
  const peer = simulation.connect();
  simulation.tick(100);
  expect(simulation.detector.check(peer)).toBeUndefined();
});

test('a new check is empty, and each decision makes it one that is not', () => {
  const check = new ConnectionCheck(new DetectorTime(0, 100));
  expect(check.isEmpty).toBe(true);
  const decisions = [
    { isPingSuppressed: true },
    { transition: 'suspect' },
    { eviction: 'idle' },
    { messagePing: true },
    { ping: true },
    { terminate: true },
    { release: true },
  ] as const;
  for (const decision of decisions) {
    Object.assign(check, decision);
    expect([decision, check.isEmpty]).toEqual([decision, false]);
    check.clear();
    expect([decision, check.isEmpty]).toEqual([decision, true]);
  }
});

test('a shorter tick moves the clocks of a new connection to the earlier next tick', () => {
  const time = new DetectorTime(0, 100);
  const record = new SimulatedPeer(policy(), 1);
  record.restart(time);
  expect(record.lastLife).toBe(100);
  time.retick(20);
  record.rescale(time, 5);
  expect(record.lastLife).toBe(20);
});

test('the clocks do not go back', () => {
  const time = new DetectorTime(1_000, 100);
  time.skip(1_500);
  time.skip(1_200);
  expect(time.real).toBe(1_500);
  time.advance(1_300);
  expect(time.real).toBe(1_500);
});

import { expect, test } from '@jest/globals';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { policy, SimulatedPeer, Simulation } from '../support/simulation.js';

const own = policy({ interval: 2_000, timeout: 4_000 });

test.each([
  // The phase becomes finer, too: a connection that would be pinged up to a tick late is pinged once more before.
  ['finer', 100, 20, 1],
  ['coarser', 20, 100, 0],
])('a %s tick changes no eviction, and hardly any ping', (_, before, after, more) => {
  for (let phase = 1; phase <= 20; phase++) {
    const simulation = new Simulation(own);
    simulation.detector.changeTick(before);
    simulation.answerAfter = 1;
    const peer = simulation.connectLast(phase);
    simulation.runUntil(simulation.now + 6_300 + phase * 100);
    simulation.detector.changeTick(after);
    expect(simulation.detector.tick).toBe(after);
    simulation.runUntil(simulation.now + 6_000);
    const pings = simulation.times(peer, 'ping');
    expect(pings.length).toBeGreaterThanOrEqual(6);
    const gaps = pings.slice(1).map((at, index) => at - (pings[index] ?? 0));
    const odd = gaps.filter((gap) => Math.abs(gap - own.interval) > 100);
    // An additional ping makes two gaps.
    expect(odd.length).toBeLessThanOrEqual(2 * more);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(own.interval + 100);
    simulation.answerAfter = Infinity;
    const last = pings.at(-1) ?? 0;
    simulation.runUntil(last + 8_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - last).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - last).toBeLessThanOrEqual(own.timeout * 1.1 + 200);
  }
});

test('a connection made in a long tick gets no extra time when the ticks become shorter', () => {
  const short = policy({ interval: 40, timeout: 80 });
  const simulation = new Simulation(short);
  simulation.detector.changeTick(100);
  const peer = simulation.connect();
  simulation.detector.changeTick(short.tick);
  simulation.detector.skip(simulation.now);
  const from = simulation.now;
  simulation.runUntil(from + 300);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(evictedAt - from).toBeGreaterThanOrEqual(short.timeout);
  // The ping is sent after an interval. The answer has until the timeout.
  expect(evictedAt - from).toBeLessThanOrEqual(short.timeout + 2 * short.tick);
  expect(peer.lastApplicationAt).toBeLessThanOrEqual(short.tick + 1);
  expect(peer.lastLifeOf(true)).toBeLessThanOrEqual(short.tick + 1);
});

test('what a stall is follows the tick', () => {
  const detector = new FailureDetector<SimulatedPeer>(0, 100);
  expect(detector.advance(100)).toBe(0);
  expect(detector.advance(200)).toBe(0);
  detector.changeTick(10);
  expect(detector.advance(300)).toBe(100);
  expect(detector.clock.now).toBe(210);
});

test('time that is skipped is no stall, but real time goes on', () => {
  const patient = policy({ interval: 2_000, timeout: 4_000, admissionTimeout: 30_000 });
  const simulation = new Simulation(patient);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 1_000);
  simulation.now += 60_000;
  simulation.detector.skip(simulation.now);
  expect(simulation.tick(own.tick)).toBe(0);
  expect(simulation.times(peer, 'unadmitted')).toEqual([simulation.now]);
  expect(simulation.detector.clock.now).toBe(1_000 + own.tick);
});

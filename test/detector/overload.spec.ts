import { expect, test } from '@jest/globals';
import { policy, Simulation } from '../support/simulation.js';

/* What a process that is late, blocked or suspended must get right; found by the simulation. */

const own = policy({ interval: 1_000, timeout: 2_000 });
const { tick } = own;
const STALL = 10 * tick;

test('a peer that is due is checked, also if every tick is a stall', () => {
  const mortal = policy({ interval: 1_000, timeout: 2_000, maxLifetime: 10_000 });
  const simulation = new Simulation(mortal);
  const peer = simulation.connect();
  simulation.poll = () => simulation.pong(peer);
  while (simulation.now < 30_000) simulation.tick(STALL);
  const [expired = Infinity] = simulation.times(peer, 'expired');
  expect(expired - peer.connectedAt).toBeLessThanOrEqual(10_000 + 2 * STALL);
});

test('a stall does not delay the end of a closing handshake', () => {
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  const closeBy = simulation.now + 5_000;
  simulation.detector.onEvicted(peer, simulation.now, false);
  simulation.runUntil(simulation.now + 500);
  simulation.tick(3_000);
  simulation.runUntil(closeBy + 3_000);
  const [terminated = Infinity] = simulation.times(peer, 'terminate');
  expect(terminated - closeBy).toBeGreaterThanOrEqual(0);
  expect(terminated - closeBy).toBeLessThanOrEqual(2 * tick);
});

test('a timer that restarts after a stall does not delay the end of a closing handshake', () => {
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  const closeBy = simulation.now + 5_000;
  simulation.detector.onEvicted(peer, simulation.now, false);
  simulation.runUntil(simulation.now + 500);
  simulation.now += 3_000;
  simulation.detector.skip(simulation.now);
  simulation.runUntil(closeBy + 3_000);
  const [terminated = Infinity] = simulation.times(peer, 'terminate');
  expect(terminated - closeBy).toBeLessThanOrEqual(2 * tick);
});

test('nothing is decided about a suspect that is paused, whatever its clocks and what waits', () => {
  const limits = { backlog: { stalled: 5, max: 9 } };
  const over = { idleTimeout: 5_000, maxLifetime: 5_000, admissionTimeout: 5_000, limits };
  const simulation = new Simulation(policy({ interval: 1_000, timeout: 2_000, ...over }));
  const peer = simulation.connect();
  while (peer.state !== 'suspect') simulation.tick(tick);
  simulation.detector.pause(peer);
  simulation.pong(peer);
  peer.bufferedBytes = 100;
  const before = simulation.recordedChecks.length;
  simulation.runUntil(simulation.now + 10_000);
  expect(simulation.recordedChecks).toHaveLength(before);
});

test('the clocks of a new peer start when it came, also where the next tick comes late', () => {
  const simulation = new Simulation(own);
  simulation.runUntil(simulation.now + 1_000);
  const late = Math.floor(simulation.detector.clock.longestGap);
  simulation.now += late - 1;
  const came = simulation.now;
  const peer = simulation.connect();
  simulation.tick(1);
  // The ticks that follow come as if that one had not been late.
  simulation.tick(2 * tick - late);
  expect(simulation.detector.clock.stalls).toBe(0);
  simulation.runUntil(came + 4_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(evictedAt - came).toBeGreaterThanOrEqual(own.timeout);
});

test('bytes that are read long after the tick count from then, also if the check is in the same turn', () => {
  const { detector } = new Simulation(own, 1_000);
  detector.advance(1_000 + tick);
  const late = Math.floor(detector.clock.longestGap) - 1;
  detector.continueTick(1_000 + tick + late);
  expect(detector.clock.after(detector.clock.ticks)).toBe(tick + late + 1);
  detector.advance(1_000 + tick + late + 1);
  expect(detector.clock.reached).toBe(detector.clock.now);
});

test('a stall between the tick and its checks counts as one tick', () => {
  const { detector } = new Simulation(own, 1_000);
  detector.continueTick(60_000);
  expect(detector.clock.reached).toBe(tick);
});

test('shorter options leave the whole new margin for the answer', () => {
  const short = policy({ interval: 500, timeout: 1_500 });
  const simulation = new Simulation(policy({ interval: 10_000, timeout: 20_000 }));
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 4_000);
  simulation.answerAfter = 900;
  simulation.detector.update(peer, short);
  simulation.runUntil(simulation.now + 10_000);
  expect(simulation.times(peer, 'ping').length).toBeGreaterThan(3);
  expect(simulation.times(peer, 'unresponsive')).toEqual([]);
});

test('a gap between ticks is a stall only if it is one at the next tick', () => {
  const quick = policy({ interval: 110, timeout: 150 });
  const { detector } = new Simulation(quick, 0);
  // The longest gap that counts is 62.5 ms: whole ms are below it until 63 have passed.
  detector.continueTick(62.4);
  const pingSentAt = detector.clock.reached;
  detector.advance(62.6);
  expect(detector.clock.stalls).toBe(0);
  expect(pingSentAt).toBeGreaterThanOrEqual(detector.clock.now);
});

test.each([1, 2, 3, 4, 5])(
  'what came before a pause is no sign of life after it, phase %i',
  (count) => {
    const simulation = new Simulation(own);
    const peer = simulation.connectLast(count);
    simulation.runUntil(simulation.now + 1_000);
    // Half of a message, which no check has found yet.
    peer.bytesRead += 1_000;
    simulation.detector.pause(peer);
    simulation.runUntil(simulation.now + 5_000);
    simulation.detector.resume(peer);
    const resumed = simulation.now;
    simulation.runUntil(resumed + 2 * own.timeout);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - resumed).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - resumed).toBeLessThanOrEqual(own.timeout + 2 * tick);
  },
);

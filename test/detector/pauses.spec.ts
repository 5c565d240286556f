import { describe, expect, test } from '@jest/globals';
import { countChecks } from './checks.js';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';
import { EVICTIONS } from '../support/decisions.js';

const own = policy({ interval: 2_000, timeout: 4_000 });

function gaps(times: number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('a connection that the application paused', () => {
  function paused(): [Simulation, SimulatedPeer, { count: number }] {
    const simulation = new Simulation(
      policy({ interval: 2_000, timeout: 4_000, maxLifetime: 9e4 }),
    );
    const peer = simulation.connectLast(3);
    const checks = countChecks(peer);
    simulation.runUntil(simulation.now + 3_500);
    expect(peer.state).toBe('suspect');
    simulation.detector.pause(peer);
    checks.count = 0;
    return [simulation, peer, checks];
  }

  test.each<[string, (simulation: Simulation, peer: SimulatedPeer) => void]>([
    ['and nothing happens', () => {}],
    ['and its policy changes', ({ detector }, peer) => detector.update(peer, own)],
    ['and the tick changes', ({ detector }) => detector.changeTick(50)],
    ['and it sends a message', (simulation, peer) => simulation.message(peer)],
    ['and a stall ends near the end of its lifetime', (simulation) => simulation.tick(88_000)],
  ])('is not checked, %s', (_, act) => {
    const [simulation, peer, checks] = paused();
    act(simulation, peer);
    simulation.runUntil(simulation.now + 60_000);
    expect(checks.count).toBe(0);
  });

  test('is pinged and checked again when it is resumed', () => {
    const [simulation, peer] = paused();
    simulation.runUntil(simulation.now + 60_000);
    simulation.detector.resume(peer);
    const resumed = simulation.now;
    simulation.runUntil(resumed + 6_000);
    const pings = simulation.times(peer, 'ping').filter((at) => at > resumed);
    expect((pings[0] ?? Infinity) - resumed).toBeLessThanOrEqual(own.interval + own.tick);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - resumed).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - resumed).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
  });
});

test('a closing connection is terminated in time, paused or not, and its clocks keep running', () => {
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 1_000);
  const closeBy = simulation.now + 5_000;
  simulation.detector.onEvicted(peer, simulation.now, false);
  simulation.detector.pause(peer);
  simulation.detector.changeTick(50);
  simulation.runUntil(simulation.now + 4_000);
  simulation.detector.resume(peer);
  expect(simulation.detector.describe(peer).silence).toBeGreaterThan(4_500);
  simulation.runUntil(simulation.now + 2_000);
  const [terminated = Infinity] = simulation.times(peer, 'terminate');
  expect(terminated - closeBy).toBeGreaterThanOrEqual(0);
  expect(terminated - closeBy).toBeLessThanOrEqual(own.tick);
});

describe('a connection from which we do not read', () => {
  test('gets a message ping, but no ping frame follows before an answer could be read', () => {
    const times = policy({ interval: 8_000, timeout: 16_000, liveness: 'application' });
    const simulation = new Simulation(times);
    const peer = simulation.connect();
    peer.enableMessagePings();
    while (simulation.count('message-ping') === 0) simulation.tick(times.tick);
    peer.isReadingPaused = true;
    simulation.runUntil(simulation.now + 60_000);
    expect(simulation.times(peer, 'ping', ...EVICTIONS)).toEqual([]);
    const asked = simulation.times(peer, 'message-ping');
    expect(asked.length).toBeGreaterThanOrEqual(7);
    // Without an answer, the ping frame is due a quarter of timeout - interval later.
    peer.isReadingPaused = false;
    const resumed = simulation.now;
    simulation.runUntil(resumed + times.followUpAfter + 2 * times.tick);
    expect(simulation.times(peer, 'ping')).toHaveLength(1);
  });

  test('is pinged at its phase, then and afterwards, and by no frame more', () => {
    for (let phase = 1; phase < 20; phase++) {
      const simulation = new Simulation(own);
      simulation.answerAfter = 1;
      const peer = simulation.connectLast(phase);
      simulation.runUntil(simulation.now + 5_000);
      peer.isReadingPaused = true;
      simulation.runUntil(simulation.now + 20_100);
      peer.isReadingPaused = false;
      simulation.runUntil(simulation.now + 20_000);
      for (const gap of gaps(simulation.times(peer, 'ping').slice(1))) {
        expect(gap).toBe(own.interval);
      }
      expect(simulation.times(peer, 'suspect', ...EVICTIONS)).toEqual([]);
    }
  });
});

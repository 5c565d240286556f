import { expect, test } from '@jest/globals';
import { Decision } from '../../src/monitor/decision.js';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';

const own = policy({ interval: 8_000, timeout: 16_000 });

/** A peer that we close, so that it is no longer open. */
function closing(within: number): [Simulation, SimulatedPeer, number] {
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 1_000);
  peer.isOpen = false;
  const closeBy = simulation.now + within;
  simulation.monitor.evicted(peer, closeBy);
  return [simulation, peer, closeBy];
}

// 600 000 ms are further away than the wheel reaches.
test.each([1, 4_970, 5_000, 600_000])(
  'who has %d ms to go is terminated then, and again every second until it is gone',
  (within) => {
    const [simulation, peer, closeBy] = closing(within);
    simulation.runUntil(closeBy + 3_500);
    const times = simulation.times(peer, Decision.Terminate);
    expect(simulation.spoken).toHaveLength(times.length);
    const first = Math.ceil(closeBy / own.tick) * own.tick;
    expect(times).toEqual([first, first + 1_000, first + 2_000, first + 3_000]);
  },
);

test('a fraction of a millisecond is not cut off', () => {
  const [simulation, peer, closeBy] = closing(1_000.5);
  simulation.runUntil(closeBy + 500);
  expect(simulation.times(peer, Decision.Terminate)).toEqual([closeBy + own.tick - 0.5]);
  expect(peer.state).toBe('evicted');
});

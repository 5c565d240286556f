import { expect, test } from '@jest/globals';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';

const own = policy({ interval: 300_000, timeout: 600_000 });

/** A peer that has been silent for longer than the clock remembers its ticks. */
function silent(): [Simulation, SimulatedPeer] {
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 200_000);
  return [simulation, peer];
}

function silences({ detector }: Simulation, peer: SimulatedPeer): [number, number, number] {
  return [
    detector.describe(peer).silence,
    detector.describe(peer).applicationSilence,
    detector.describe(peer).idle,
  ];
}

/** What is received after a tick is stamped with the time of the next one. Rounding costs 1 ms. */
const AFTER_THREE_TICKS = 3 * own.tick - own.tick - 1;

test('a silence is that since the connection, however long', () => {
  const [simulation, peer] = silent();
  for (const silence of silences(simulation, peer)) {
    expect(silence).toBeGreaterThanOrEqual(200_000 - own.tick - 1);
    expect(silence).toBeLessThanOrEqual(200_000);
  }
});

test.each<[string, 'pong' | 'beat' | 'message', number]>([
  ['a pong', 'pong', 1],
  ['a heartbeat', 'beat', 2],
  ['an application message', 'message', 3],
])('%s ends its silences at once, without a check', (_, kind, ended) => {
  const [simulation, peer] = silent();
  simulation[kind](peer);
  const now = silences(simulation, peer);
  expect(now.slice(0, ended)).toEqual([0, 0, 0].slice(0, ended));
  for (let ticks = 0; ticks < 3; ticks++) simulation.tick(own.tick);
  const later = silences(simulation, peer);
  expect(later.slice(0, ended)).toEqual(
    [AFTER_THREE_TICKS, AFTER_THREE_TICKS, AFTER_THREE_TICKS].slice(0, ended),
  );
  for (const silence of later.slice(ended)) expect(silence).toBeGreaterThan(200_000);
});

test('the last sign of life counts, of whatever kind it is', () => {
  const [simulation, peer] = silent();
  simulation.message(peer);
  for (let ticks = 0; ticks < 5; ticks++) simulation.tick(own.tick);
  simulation.beat(peer);
  for (let ticks = 0; ticks < 5; ticks++) simulation.tick(own.tick);
  simulation.pong(peer);
  for (let ticks = 0; ticks < 3; ticks++) simulation.tick(own.tick);
  expect(silences(simulation, peer)).toEqual([
    AFTER_THREE_TICKS,
    AFTER_THREE_TICKS + 5 * own.tick,
    AFTER_THREE_TICKS + 10 * own.tick,
  ]);
});

test('bytes end the silence of the transport alone', () => {
  const [simulation, peer] = silent();
  peer.bytesRead += 1;
  const [silence, applicationSilence, idle] = silences(simulation, peer);
  expect(silence).toBe(0);
  expect(applicationSilence).toBeGreaterThan(199_000);
  expect(idle).toBeGreaterThan(199_000);
});

test('a paused connection is not silent, and its silence starts when the pause ends', () => {
  const [simulation, peer] = silent();
  simulation.detector.pause(peer);
  simulation.tick(own.tick);
  expect(silences(simulation, peer)).toEqual([0, 0, 0]);
  simulation.detector.resume(peer);
  simulation.runUntil(simulation.now + 5_000);
  for (const silence of silences(simulation, peer)) {
    expect(silence).toBeGreaterThan(4_500);
    expect(silence).toBeLessThanOrEqual(5_000);
  }
});

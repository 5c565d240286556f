import { expect, test } from '@jest/globals';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';

const own = policy({ maxLifetime: 60_000 });

function start(): [Simulation, SimulatedPeer] {
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.poll = () => simulation.pong(peer);
  simulation.runUntil(simulation.now + 1_000);
  return [simulation, peer];
}

test('an extended lifetime ends the given time from now, also if it was over long ago', () => {
  const [simulation, peer] = start();
  simulation.now += 600_000;
  simulation.detector.advance(simulation.now);
  const from = simulation.now;
  simulation.detector.extendLifetime(peer, 5_000);
  simulation.runUntil(from + 10_000);
  const [end = Infinity] = simulation.times(peer, 'expired');
  expect(end - from).toBeGreaterThanOrEqual(5_000);
  expect(end - from).toBeLessThanOrEqual(5_000 + 2 * own.tick);
});

test('another lifetime has no extension, and can be announced again', () => {
  const [simulation, peer] = start();
  simulation.detector.extendLifetime(peer, 50_000);
  simulation.detector.update(peer, policy({ maxLifetime: 30_000 }));
  expect(peer.lifetimeExtension).toBe(0);
  const { connectedAt, lifetime } = peer;
  simulation.runUntil(connectedAt + 40_000);
  const [end = Infinity] = simulation.times(peer, 'expired');
  expect(end - connectedAt).toBeGreaterThanOrEqual(lifetime);
  expect(end - connectedAt).toBeLessThanOrEqual(30_000 + 2 * own.tick);
});

test('the lifetime of a client ends in time after its admission timeout', () => {
  const limited = policy({ admissionTimeout: 10_000, maxLifetime: 60_000 });
  const simulation = new Simulation(limited);
  const peer = simulation.connect();
  simulation.poll = () => simulation.pong(peer);
  peer.admit();
  const { connectedAt, lifetime } = peer;
  simulation.runUntil(connectedAt + 70_000);
  const [end = Infinity] = simulation.times(peer, 'expired');
  expect(end - connectedAt).toBeGreaterThanOrEqual(lifetime);
  expect(end - connectedAt).toBeLessThanOrEqual(lifetime + 2 * limited.tick);
});

test('deadlines in real time are met even if every tick is late', () => {
  const late = policy({ admissionTimeout: 60_000 });
  const simulation = new Simulation(late);
  const unadmitted = simulation.connect();
  const leaving = simulation.connect();
  simulation.poll = () => simulation.pong(unadmitted);
  const closeBy = simulation.now + 5_000;
  simulation.detector.onEvicted(leaving, simulation.now, false);
  const gap = 10 * late.tick;
  for (let ticks = 0; ticks < 100; ticks++) expect(simulation.tick(gap)).toBe(gap);

  const [terminated = Infinity] = simulation.times(leaving, 'terminate');
  expect(terminated).toBeGreaterThanOrEqual(closeBy);
  expect(terminated).toBeLessThanOrEqual(closeBy + gap);
  const [closed = Infinity] = simulation.times(unadmitted, 'unadmitted');
  expect(closed - unadmitted.connectedAt).toBeGreaterThanOrEqual(60_000);
  expect(closed - unadmitted.connectedAt).toBeLessThanOrEqual(60_000 + gap);
});

test('a deadline that comes with another policy is waited for at once', () => {
  const simulation = new Simulation(policy());
  const peer = simulation.connect();
  expect(peer.deadline).toBeUndefined();
  simulation.detector.update(peer, own);
  expect(peer.deadline).toMatchObject({
    at: peer.connectedAt + peer.lifetime,
    isWaiting: true,
  });
  simulation.detector.update(peer, policy());
  expect(peer.deadline?.isWaiting).toBe(false);
});

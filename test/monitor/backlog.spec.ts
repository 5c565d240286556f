import { expect, test } from '@jest/globals';
import { Decision, VERDICTS } from '../../src/monitor/decision.js';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';

const SUSTAINED = 1_000;
const HARD = 10_000;
const own = policy({
  interval: 8_000,
  timeout: 16_000,
  limits: { backlog: { stalled: SUSTAINED, max: HARD } },
});

/** A peer that is alive and talks, and from some moment on has something waiting for it. */
function start(waiting: number, limits = own): [Simulation, SimulatedPeer, number] {
  const simulation = new Simulation(limits);
  const peer = simulation.connect();
  simulation.poll = () => simulation.message(peer);
  simulation.runUntil(simulation.now + 9_000);
  queue(peer, waiting);
  return [simulation, peer, simulation.now];
}

/** We send something that does not leave. */
function queue(peer: SimulatedPeer, bytes: number): void {
  peer.bytesWritten += bytes;
  peer.bufferedBytes += bytes;
}

test.each([
  ['sustained', SUSTAINED + 1, own.interval],
  ['hard', HARD + 1, 1_000],
])('more than the %s limit may wait so long, not less and not much more', (_, bytes, allowed) => {
  const [simulation, peer, from] = start(bytes);
  simulation.runUntil(from + 30_000);
  const [verdict = Infinity] = simulation.times(peer, Decision.SlowConsumer);
  expect(verdict - from).toBeGreaterThanOrEqual(allowed);
  // It is found half an interval later at most, and looked at every second from then on.
  expect(verdict - from).toBeLessThanOrEqual(allowed + own.interval / 2 + 1_000 + own.tick);
});

test('less than the sustained limit may wait for ever', () => {
  // Our pings wait, too.
  const [simulation, peer, from] = start(SUSTAINED - 500);
  simulation.runUntil(from + 100_000);
  expect(simulation.times(peer, VERDICTS)).toEqual([]);
});

test('one byte that leaves now and then starts the clock anew', () => {
  const [simulation, peer, from] = start(SUSTAINED + 100);
  let next = from;
  simulation.poll = (now) => {
    simulation.message(peer);
    if (now < next || now > from + 60_000) return;
    peer.bufferedBytes -= 1;
    next += own.interval - 2_000;
  };
  simulation.runUntil(from + 120_000);
  const [verdict = Infinity] = simulation.times(peer, Decision.SlowConsumer);
  expect(verdict - from).toBeGreaterThanOrEqual(60_000);
  expect(verdict - from).toBeLessThanOrEqual(60_000 + own.interval + 2_000);
});

test('what is sent meanwhile hides no completed write', () => {
  const [simulation, peer, from] = start(SUSTAINED + 100);
  simulation.poll = () => {
    simulation.message(peer);
    queue(peer, 12);
    peer.bufferedBytes -= 10;
  };
  simulation.runUntil(from + 60_000);
  expect(simulation.times(peer, VERDICTS)).toEqual([]);
});

test('each limit has a clock of its own: a little that waits long makes much that waits shortly no worse', () => {
  const [simulation, peer] = start(10);
  simulation.runUntil(simulation.now + 20_000);
  queue(peer, SUSTAINED);
  const sustainedFrom = simulation.now;
  simulation.runUntil(sustainedFrom + 5_000);
  expect(simulation.times(peer, VERDICTS)).toEqual([]);
  queue(peer, HARD);
  const hardFrom = simulation.now;
  simulation.runUntil(hardFrom + 10_000);
  const [verdict = Infinity] = simulation.times(peer, Decision.SlowConsumer);
  expect(verdict - hardFrom).toBeGreaterThanOrEqual(1_000);
  expect(verdict - hardFrom).toBeLessThanOrEqual(2_000 + 2 * own.tick);
});

test('who has something waiting is looked at every second', () => {
  const [simulation, peer, from] = start(10);
  simulation.runUntil(from + own.interval / 2);
  let looks = 0;
  let { bufferedBytes } = peer;
  Object.defineProperty(peer, 'bufferedBytes', {
    get: () => {
      looks++;
      return bufferedBytes;
    },
    set: (bytes: number) => {
      bufferedBytes = bytes;
    },
  });
  simulation.runUntil(simulation.now + 20_000);
  // A look reads it twice: how much waits, and how much has left.
  expect(looks).toBeGreaterThanOrEqual(2 * 19);
  expect(looks).toBeLessThanOrEqual(2 * 26);
});

test('a stall of ours does not count', () => {
  const [simulation, peer, from] = start(HARD + 1);
  simulation.tick(60_000);
  simulation.tick(own.tick);
  simulation.tick(own.tick);
  expect(simulation.now - from).toBeGreaterThan(60_000);
  expect(simulation.times(peer, VERDICTS)).toEqual([]);
});

test('resuming starts these clocks from zero, too', () => {
  const [simulation, peer, from] = start(SUSTAINED + 1);
  simulation.runUntil(from + 6_000);
  simulation.monitor.pause(peer);
  simulation.runUntil(simulation.now + 60_000);
  simulation.monitor.resume(peer);
  const resumed = simulation.now;
  simulation.runUntil(resumed + 30_000);
  const [verdict = Infinity] = simulation.times(peer, Decision.SlowConsumer);
  expect(verdict - resumed).toBeGreaterThanOrEqual(own.interval);
});

test('without limits anything may wait for ever', () => {
  const none = policy({ interval: 8_000, timeout: 16_000 });
  const [simulation, peer, from] = start(10 * HARD, none);
  simulation.runUntil(from + 100_000);
  expect(simulation.times(peer, VERDICTS)).toEqual([]);
});

test('observed only: spoken of once, and again after everything has left', () => {
  const observed = policy({
    interval: 8_000,
    timeout: 16_000,
    observeOnly: true,
    limits: { backlog: { stalled: 1, max: 2 } },
  });
  const [simulation, peer, from] = start(3, observed);
  simulation.runUntil(from + 60_000);
  expect(simulation.times(peer, Decision.SlowConsumer)).toHaveLength(1);
  peer.bufferedBytes = 0;
  simulation.runUntil(simulation.now + 2_000);
  queue(peer, 3);
  simulation.runUntil(simulation.now + 60_000);
  expect(simulation.times(peer, Decision.SlowConsumer)).toHaveLength(2);
});

import { describe, expect, jest, test } from '@jest/globals';
import { countChecks } from './checks.js';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';
import { includesAny, isEviction } from '../support/decisions.js';

test.each([
  [25_000, 45_000],
  [1_000, 2_000],
])(
  'with an interval of %d and a timeout of %d ms, a client that only answers pings is checked once an interval',
  (interval, timeout) => {
    for (const liveness of ['transport', 'application'] as const) {
      for (const sentHello of [false, true]) {
        if (liveness === 'application' && !sentHello) continue;
        const simulation = new Simulation(policy({ interval, timeout, liveness }));
        simulation.answerAfter = 100;
        simulation.replyAfter = 100;
        const peer = simulation.connect();
        if (sentHello) peer.enableMessagePings();
        simulation.runUntil(simulation.now + 2 * interval);
        const checks = countChecks(peer);
        simulation.runUntil(simulation.now + 20 * interval);
        expect(checks.count).toBe(20);
      }
    }
  },
);

test('a client with which the application exchanges messages is checked twice an interval, mostly without its socket', () => {
  const interval = 8_000;
  const simulation = new Simulation(policy({ interval, timeout: 16_000 }));
  const peer = simulation.connect();
  simulation.poll = () => {
    simulation.message(peer);
    peer.bytesWritten += 5;
  };
  simulation.runUntil(simulation.now + 2 * interval);
  const check = jest.spyOn(simulation.detector, 'check');
  let reads = 0;
  Object.defineProperty(peer, 'bufferedBytes', { get: () => (reads++, 0) });
  simulation.runUntil(simulation.now + 10 * interval);
  expect(check).toHaveBeenCalledTimes(20);
  expect(reads).toBe(10);
});

describe('a connection that only answers pings is checked once an interval', () => {
  const times = { interval: 8_000, timeout: 16_000 };
  const over = { idleTimeout: 1_000, maxLifetime: 1_000, admissionTimeout: 1_000 };

  function checksOf(simulation: Simulation, peer: SimulatedPeer): number {
    const checks = countChecks(peer);
    simulation.runUntil(simulation.now + 10 * times.interval);
    return checks.count;
  }

  test.each([
    ['without any other clock', policy(times)],
    ['with limits', policy({ ...times, limits: { backlog: { stalled: 5, max: 9 } } })],
    [
      'when its other limits are exceeded and reported',
      policy({ ...times, ...over, dryRun: true }),
    ],
  ])('%s', (_, own) => {
    const simulation = new Simulation(own);
    simulation.answerAfter = 1;
    const peer = simulation.connect();
    simulation.runUntil(simulation.now + 2_000);
    const checks = checksOf(simulation, peer);
    expect(checks).toBe(10);
  });

  test('when a frame that was long on its way is complete', () => {
    const simulation = new Simulation(policy(times));
    simulation.answerAfter = 1;
    const peer = simulation.connect();
    const end = simulation.now + 10_000;
    simulation.poll = (now) => {
      if (now < end) peer.bytesRead++;
    };
    simulation.runUntil(end);
    expect(peer.isInFrame).toBe(true);
    simulation.message(peer);
    simulation.runUntil(end + times.interval);
    expect(checksOf(simulation, peer)).toBeLessThanOrEqual(10);
  });

  test('when it was admitted', () => {
    const simulation = new Simulation(policy({ ...times, admissionTimeout: 1_000 }));
    simulation.answerAfter = 1;
    const peer = simulation.connect();
    peer.admit();
    // One more at the end of the time for it.
    expect(checksOf(simulation, peer)).toBeLessThanOrEqual(11);
  });

  test('also after a stall', () => {
    const simulation = new Simulation(policy(times));
    const peer = simulation.connect();
    simulation.runUntil(simulation.now + 1_000);
    const checks = countChecks(peer);
    for (let stalls = 0; stalls < 10; stalls++) expect(simulation.tick(5_000)).toBe(5_000);
    expect(checks.count).toBe(0);
  });
});

test('a frozen peer that is closing is neither pinged nor evicted', () => {
  for (const answersMessages of [false, true]) {
    const simulation = new Simulation(policy({ interval: 1_000, timeout: 2_000 }));
    const peer = simulation.connect();
    if (answersMessages) peer.enableMessagePings();
    while (simulation.count('message-ping', 'ping') === 0) simulation.tick(100);
    const before = simulation.recordedChecks.length;
    peer.isOpen = false;
    simulation.runUntil(simulation.now + 20_000);
    const later = simulation.recordedChecks.slice(before).map(({ decisions }) => decisions);
    expect(later).toEqual([['terminate'], ['terminate', 'release']]);
  }
});

describe('suspects', () => {
  const own = policy({ interval: 1_000, timeout: 4_000 });
  const dryRun = policy({ interval: 1_000, timeout: 4_000, dryRun: true });
  const CROWD = 3_000;

  /** A crowd of suspects, after as many healthy ones have come and gone. */
  function crowd(times = own, size = CROWD): [Simulation, SimulatedPeer[]] {
    const simulation = new Simulation(times);
    for (let count = 0; count < CROWD; count++) {
      const passing = simulation.connect();
      if (count % 2 === 0) simulation.detector.onEvicted(passing, simulation.now, false);
      simulation.detector.remove(passing);
    }
    expect(simulation.detector.size).toBe(0);
    const peers = Array.from({ length: size }, () => simulation.connect());
    expect(simulation.detector.size).toBe(size);
    simulation.runUntil(simulation.now + 3_000);
    expect(peers.every(({ state }) => state === 'suspect')).toBe(true);
    return [simulation, peers];
  }

  function checksIn(simulation: Simulation, peer: SimulatedPeer | undefined, ms: number): number {
    const checks = countChecks(peer as SimulatedPeer);
    simulation.runUntil(simulation.now + ms);
    return checks.count;
  }

  /** One more silent peer is checked on every tick, so no other suspects are left. */
  function expectNoCrowd(simulation: Simulation): void {
    const alone = simulation.connect();
    while (alone.state !== 'suspect') simulation.tick(own.tick);
    expect(checksIn(simulation, alone, 500)).toBe(500 / own.tick);
  }

  test('are checked on every tick while they are few', () => {
    expectNoCrowd(new Simulation(own));
  });

  test.each([
    ['every third', CROWD],
    // A tenth of the timeout, however many they are.
    ['every fourth', 5_000],
  ])('are checked on %s tick where they are %d', (_, size) => {
    const [simulation, peers] = crowd(dryRun, size);
    // And at the phase, which is every tenth tick.
    const checks = checksIn(simulation, peers[7], 5_000);
    expect(checks).toBeGreaterThanOrEqual(14);
    expect(checks).toBeLessThanOrEqual(21);
  });

  test('are evicted in time in a crowd, too', () => {
    const [simulation, peers] = crowd();
    const start = simulation.now - 3_000;
    simulation.runUntil(start + 5_000);
    const ends = new Map(
      simulation.recordedChecks
        .filter(({ decisions }) => decisions.includes('unresponsive'))
        .map(({ peer, at }) => [peer, at - start]),
    );
    expect(ends.size).toBe(peers.length);
    // One tick for what may have arrived before the first, one because checks run on ticks.
    expect(new Set(ends.values())).toEqual(new Set([own.timeout + 2 * own.tick]));
    expectNoCrowd(simulation);
  });

  test('recover on the next tick, also in a crowd and under constant traffic', () => {
    const [simulation, peers] = crowd();
    const kinds = ['pong', 'beat', 'message'] as const;
    for (const [index, peer] of peers.slice(0, 9).entries()) {
      simulation[kinds[index % 3] ?? 'pong'](peer);
      simulation.tick(own.tick);
      expect(peer.state).toBe('alive');
    }
    const talkers = kinds.map((kind, index) => [kind, peers[10 + index] as SimulatedPeer] as const);
    simulation.poll = () => talkers.forEach(([kind, peer]) => simulation[kind](peer));
    simulation.tick(own.tick);
    simulation.tick(own.tick);
    expect(talkers.map(([, { state }]) => state)).toEqual(['alive', 'alive', 'alive']);

    for (const peer of peers) simulation.pong(peer);
    simulation.tick(own.tick);
    for (const peer of peers) simulation.detector.pause(peer);
    expectNoCrowd(simulation);
  });

  test('are reported once for each silence', () => {
    const simulation = new Simulation(policy({ interval: 1_000, timeout: 2_000, dryRun: true }));
    const peer = simulation.connect();
    simulation.runUntil(simulation.now + 20_000);
    expect(simulation.times(peer, 'suspect')).toHaveLength(1);
  });
});

test('an eviction comes without a ping', () => {
  for (const idleTimeout of [false, 4_000] as const) {
    const simulation = new Simulation(policy({ interval: 1_000, timeout: 2_000, idleTimeout }));
    if (idleTimeout !== false) simulation.answerAfter = 1;
    for (let count = 0; count < 200; count++) simulation.connect();
    simulation.runUntil(simulation.now + 6_000);
    const evictions = simulation.recordedChecks.filter(({ decisions }) => isEviction(decisions));
    expect(evictions).toHaveLength(200);
    const asks = ['ping', 'message-ping', 'suppressed'] as const;
    expect(evictions.filter(({ decisions }) => includesAny(decisions, asks))).toEqual([]);
  }
});

import { describe, expect, test } from '@jest/globals';
import { policy, Simulation } from '../support/simulation.js';
import { EVICTIONS } from '../support/decisions.js';
import { FULL } from '../support/full.js';

const POLICIES = [
  policy(),
  policy({ interval: 1_000, timeout: 2_000 }),
  policy({ interval: 200, timeout: 400 }),
  policy({ interval: 400, timeout: 1_000 }),
  ...(FULL ? [policy({ interval: 100_000, timeout: 300_000 })] : []),
];

describe.each(POLICIES)('interval $interval, timeout $timeout', (own) => {
  const bound = own.timeout * 1.1 + own.tick;

  test.each([0, 0.1, 0.5, 0.9])('a dead peer is found within the bound, ticks %d late', (late) => {
    for (let phase = 0; phase < 60; phase += FULL && own.interval <= 5_000 ? 1 : 7) {
      const simulation = new Simulation(own);
      simulation.late = Math.floor(late * Math.min(own.tick * 0.25 + 50, own.tick));
      const peer = simulation.connectLast(phase + 1);
      const died = simulation.now + Math.floor((own.interval * phase) / 7) + phase;
      let last = simulation.now;
      simulation.poll = (now) => {
        if (now >= died) return;
        simulation.message(peer);
        last = now;
      };
      simulation.runUntil(died + 2 * bound + 4 * own.interval);
      const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
      expect(evictedAt - last).toBeGreaterThanOrEqual(own.timeout);
      // A late tick delays the eviction twice: at the time stamp and at the check.
      expect(evictedAt - last).toBeLessThanOrEqual(bound + 2 * simulation.late);
    }
  });

  test('a peer that answers every ping within timeout − interval − 2 ticks is never suspected wrongly', () => {
    const margin = own.timeout - own.interval - 2 * own.tick;
    const simulation = new Simulation(own);
    simulation.connectLast(30);
    simulation.answerAfter = margin;
    simulation.runUntil(simulation.now + 40 * own.interval);
    expect(simulation.count(...EVICTIONS)).toBe(0);
    expect(simulation.count('ping')).toBeGreaterThan(500);
  });

  test('no client is evicted without an unanswered ping', () => {
    const simulation = new Simulation(own);
    const peer = simulation.connect();
    simulation.runUntil(simulation.now + 3 * own.timeout);
    const [asked = Infinity] = simulation.times(peer, 'ping');
    const [evictedAt = 0] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - asked).toBeGreaterThanOrEqual((own.timeout - own.interval) / 2);
  });

  test('a stall of any length at any phase evicts no client', () => {
    for (const length of [1, 2, 5, 100]) {
      for (let phase = 0; phase < (FULL ? 20 : 5); phase++) {
        const simulation = new Simulation(own);
        simulation.connectLast(10);
        simulation.answerAfter = 1;
        simulation.runUntil(simulation.now + own.interval + (own.interval * phase) / 20);
        expect(simulation.tick(length * own.timeout)).toBe(length * own.timeout);
        simulation.runUntil(simulation.now + 3 * own.timeout);
        expect(simulation.count(...EVICTIONS)).toBe(0);
      }
    }
  });
});

test('a peer in the middle of one long frame is not suspected', () => {
  const own = policy({ interval: 1_000, timeout: 2_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.poll = () => (peer.bytesRead += 1);
  simulation.runUntil(simulation.now + 60_000);
  expect(simulation.times(peer, 'suspect', ...EVICTIONS)).toEqual([]);
});

test.each([
  ['that a check has found', 5_000, 0],
  ['that has just begun', 30, 1_000],
])('a peer that dies in the middle of a frame %s is found in time', (_, length, besides) => {
  const own = policy({ interval: 1_000, timeout: 2_000 });
  for (let phase = 0; phase < 40; phase++) {
    const simulation = new Simulation(own);
    const peer = simulation.connectLast(phase + 1);
    const begun = simulation.now + 3_000;
    const died = begun + length;
    simulation.answerAfter = 1;
    simulation.poll = (now) => {
      if (now < begun) return;
      simulation.answerAfter = Infinity;
      if (now < died) peer.bytesRead += 1;
    };
    simulation.runUntil(died + 10_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - died).toBeGreaterThanOrEqual(own.timeout - own.tick);
    expect(evictedAt - died).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick + besides);
  }
});

test('a connection whose reading is paused is not evicted, and its clocks restart afterwards', () => {
  const own = policy({ interval: 1_000, timeout: 2_000, idleTimeout: 3_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 900);
  peer.isReadingPaused = true;
  simulation.runUntil(simulation.now + 60_000);
  expect(simulation.times(peer, 'suspect', ...EVICTIONS)).toEqual([]);
  peer.isReadingPaused = false;
  const resumed = simulation.now;
  simulation.runUntil(resumed + 5_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(evictedAt - resumed).toBeGreaterThan(own.timeout - own.interval / 2 - own.tick);
});

test('suspect half way between interval and timeout, recovered with the next tick, also under constant traffic', () => {
  const own = policy({ interval: 1_000, timeout: 2_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  const start = simulation.now;
  let isSending = false;
  simulation.poll = () => {
    if (isSending) simulation.message(peer);
  };
  simulation.runUntil(start + 1_700);
  const [suspect = 0] = simulation.times(peer, 'suspect');
  expect(suspect - start).toBeGreaterThanOrEqual(1_500);
  expect(suspect - start).toBeLessThanOrEqual(1_500 + 2 * own.tick);
  isSending = true;
  simulation.tick(own.tick);
  simulation.tick(own.tick);
  expect(simulation.times(peer, 'recovered')).toHaveLength(1);
  expect(peer.state).toBe('alive');
});

test('a suspect that sends a part of a frame is recovered with the next tick, too', () => {
  const own = policy({ interval: 1_000, timeout: 2_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 1_700);
  expect(peer.state).toBe('suspect');
  peer.bytesRead += 1;
  simulation.tick(own.tick);
  expect(peer.state).toBe('alive');
});

test('idle counts application messages alone, from the connection on', () => {
  const own = policy({ interval: 1_000, timeout: 2_000, idleTimeout: 10_000 });
  const simulation = new Simulation(own);
  const [ponger, talker] = [simulation.connect(), simulation.connect()];
  const start = simulation.now;
  simulation.poll = (now) => {
    simulation.pong(ponger);
    simulation.pong(talker);
    if (now < start + 20_000) simulation.message(talker);
  };
  simulation.runUntil(start + 40_000);
  const [idlePonger = 0] = simulation.times(ponger, 'idle');
  const [idleTalker = 0] = simulation.times(talker, 'idle');
  expect(idlePonger - start).toBeGreaterThanOrEqual(10_000);
  expect(idlePonger - start).toBeLessThanOrEqual(10_000 + 2 * own.tick);
  expect(idleTalker - start).toBeGreaterThanOrEqual(29_900);
});

test('lifetime and admission run in real time, through a stall', () => {
  const own = policy({ maxLifetime: 60_000, admissionTimeout: 5_000 });
  const simulation = new Simulation(own);
  const [stranger, guest] = [simulation.connect(), simulation.connect()];
  guest.admit();
  const start = simulation.now;
  simulation.poll = () => {
    simulation.pong(stranger);
    simulation.pong(guest);
  };
  simulation.runUntil(start + 1_000);
  simulation.tick(59_000);
  simulation.tick(own.tick);
  simulation.tick(own.tick);
  expect(simulation.times(stranger, 'unadmitted')).toHaveLength(1);
  expect(simulation.times(guest, 'unadmitted')).toEqual([]);
  expect(simulation.times(guest, 'expired')).toHaveLength(1);
});

test('lifetimes end up to a tenth early, spread, and never late', () => {
  const own = policy({ maxLifetime: 60_000 });
  const simulation = new Simulation(own);
  const peers = Array.from({ length: 200 }, () => simulation.connect());
  const start = simulation.now;
  simulation.poll = () => peers.forEach((peer) => simulation.pong(peer));
  simulation.runUntil(start + 61_000);
  const ends = peers.map((peer) => (simulation.times(peer, 'expired')[0] ?? Infinity) - start);
  expect(Math.min(...ends)).toBeGreaterThanOrEqual(54_000);
  expect(Math.max(...ends)).toBeLessThanOrEqual(60_000 + 2 * own.tick);
  for (let from = 54_000; from < 60_000; from += 1_000) {
    const share = ends.filter((end) => end >= from && end < from + 1_000).length;
    expect(share).toBeGreaterThan(200 / 6 / 2);
    expect(share).toBeLessThan((200 / 6) * 2);
  }
});

test('dry run: a silence is reported once, and again after a sign of life', () => {
  const own = policy({ interval: 1_000, timeout: 2_000, dryRun: true });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 20_000);
  expect(simulation.times(peer, 'unresponsive')).toHaveLength(1);
  expect(peer.state).toBe('suspect');
  expect(simulation.times(peer, 'ping').length).toBeGreaterThan(15);
  simulation.message(peer);
  simulation.runUntil(simulation.now + 20_000);
  expect(simulation.times(peer, 'unresponsive')).toHaveLength(2);
});

test('an evicted peer that does not complete the closing handshake is terminated at its deadline, not before', () => {
  const simulation = new Simulation(policy());
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 1_000);
  const closed = simulation.now;
  simulation.detector.onEvicted(peer, closed, false);
  simulation.runUntil(closed + 5_900);
  const [terminated = 0] = simulation.times(peer, 'terminate');
  expect(terminated - closed).toBeGreaterThanOrEqual(5_000);
  expect(terminated - closed).toBeLessThanOrEqual(5_200);
});

test('bytes that arrived while reading was paused count in time', () => {
  const own = policy({ interval: 1_000, timeout: 2_000 });
  for (let time = 0; time < 1_000; time += own.tick) {
    const simulation = new Simulation(own);
    const peer = simulation.connect();
    peer.isReadingPaused = true;
    simulation.runUntil(simulation.now + 5_000 + time);
    peer.isReadingPaused = false;
    peer.bytesRead++;
    const resumed = simulation.now;
    simulation.runUntil(resumed + 5_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - resumed).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - resumed).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
  }
});

test('another policy holds at once, and received signs of life are kept', () => {
  const simulation = new Simulation(policy());
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 10_000);
  const asked = policy({ interval: 1_000, timeout: 2_000 });
  simulation.detector.changeTick(asked.tick);
  simulation.detector.update(peer, asked);
  const updated = simulation.now;
  simulation.runUntil(updated + 5_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(simulation.times(peer, 'ping')[0]).toBeLessThanOrEqual(updated + 2 * asked.tick);
  expect(evictedAt - updated).toBeGreaterThanOrEqual(1_000);
  expect(evictedAt - updated).toBeLessThanOrEqual(1_000 + 3 * asked.tick);
});

test('a dead peer whose policy is set anew in every turn is found in time', () => {
  const own = policy({ interval: 1_000, timeout: 2_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  const start = simulation.now;
  simulation.poll = () => simulation.detector.update(peer, own);
  simulation.runUntil(start + 5_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(evictedAt - start).toBeGreaterThanOrEqual(own.timeout);
  expect(evictedAt - start).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
});

test('a peer that dies in the middle of a transfer in many messages is found in time', () => {
  const own = policy({ interval: 8_000, timeout: 16_000 });
  for (let dies = 20_000; dies < 30_000; dies += 700) {
    const simulation = new Simulation(own);
    const peer = simulation.connect();
    let last = 0;
    simulation.poll = (now) => {
      if (now > dies) return;
      // The start of the next message comes with the end of each: the last has no end.
      simulation.message(peer, 65_536);
      if (now <= dies - own.tick) return;
      peer.bytesRead += 1_000;
      last = now;
    };
    simulation.runUntil(dies + 30_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - last).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - last).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
  }
});

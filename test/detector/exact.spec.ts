import { describe, expect, test } from '@jest/globals';
import { Backlog } from '../../src/detector/connection.record.js';
import { Decision, EVICTIONS } from '../../src/detector/decision.js';
import { collectOutbound, collectInbound, noteUnflushed } from '../../src/detector/activity.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { DetectorTime } from '../../src/detector/detector.time.js';
import { evictionOf } from '../../src/detector/eviction-rules.js';
import { policy, SimulatedPeer, Simulation } from '../support/simulation.js';

const OFF = { interval: 1_000, timeout: 2_000 };

/** A peer that is fine, 100 000 ms after it came. */
function fine(own = policy(OFF)): [SimulatedPeer, DetectorTime] {
  const time = new DetectorTime(0, 100);
  for (let real = 100; real <= 100_000; real += 100) time.advance(real);
  // The first of all has the lifetime as it was set.
  const peer = new SimulatedPeer(own, 0);
  peer.lastFrameAt = peer.lastMessageAt = peer.lastApplicationAt = time.now;
  peer.connectedAt = time.real;
  return [peer, time];
}

/** Something waits for the peer, of which nothing was taken for so long. */
function stick(peer: SimulatedPeer, waiting: number, ago: number): void {
  peer.backlog = new Backlog(0, peer.lastFrameAt - ago, true);
  peer.backlog.waitingBytes = waiting;
}

describe('a verdict is due to the millisecond', () => {
  test.each<
    [string, number, ReturnType<typeof policy>, (peer: SimulatedPeer, ago: number) => void, number]
  >([
    [
      'Idle',
      Decision.Idle,
      policy({ ...OFF, idleTimeout: 7_000 }),
      (peer, ago) => (peer.lastApplicationAt -= ago),
      7_000,
    ],
    [
      'Unadmitted',
      Decision.Unadmitted,
      policy({ ...OFF, admissionTimeout: 7_000 }),
      (peer, ago) => (peer.connectedAt -= ago),
      7_000,
    ],
    [
      'Expired',
      Decision.Expired,
      policy({ ...OFF, maxLifetime: 7_000 }),
      (peer, ago) => (peer.connectedAt -= ago),
      7_000,
    ],
    [
      'SlowConsumer',
      Decision.SlowConsumer,
      policy({ ...OFF, limits: { backlog: { stalled: 10, max: 20 } } }),
      (peer, ago) => stick(peer, 11, ago),
      2_000,
    ],
  ])('%s', (_, decision, own, age, limit) => {
    const [early, time] = fine(own);
    age(early, limit - 1);
    expect(evictionOf(early, time, 0)).toBe(Decision.None);
    const [due, now] = fine(own);
    age(due, limit);
    expect(evictionOf(due, now, 0)).toBe(decision);
  });

  test('Unresponsive: silent for the timeout, and asked for as long as an answer may take', () => {
    const [peer, time] = fine();
    peer.lastFrameAt -= 5_000;
    expect(evictionOf(peer, time, 2_000)).toBe(Decision.None);
    peer.pingSentAt = time.now - peer.policy.pongTimeout;
    expect(evictionOf(peer, time, 2_000)).toBe(Decision.Unresponsive);
    expect(evictionOf(peer, time, 1_999)).toBe(Decision.None);
    peer.pingSentAt++;
    expect(evictionOf(peer, time, 2_000)).toBe(Decision.None);
  });

  test('Unresponsive: silent for the timeout, and nothing of what waits was taken for as long', () => {
    const [peer, time] = fine();
    peer.lastFrameAt -= 5_000;
    stick(peer, 1, -3_000);
    expect(evictionOf(peer, time, 2_000)).toBe(Decision.Unresponsive);
    expect(evictionOf(peer, time, 1_999)).toBe(Decision.None);
    stick(peer, 1, -3_001);
    expect(evictionOf(peer, time, 2_000)).toBe(Decision.None);
  });

  test('only where the path lived until it would be suspected is the application mute', () => {
    const [peer, time] = fine(policy({ ...OFF, liveness: 'application' }));
    peer.lastFrameAt = time.now - peer.policy.suspectAfter + 1;
    expect(evictionOf(peer, time, 2_000)).toBe(
      Decision.Unresponsive | Decision.ApplicationUnresponsive,
    );
    peer.lastFrameAt--;
    expect(evictionOf(peer, time, 2_000)).toBe(Decision.Unresponsive);
  });
});

test('of several verdicts the first is spoken; observed only, the others follow one by one', () => {
  const all = { ...OFF, idleTimeout: 5_000, admissionTimeout: 5_000, maxLifetime: 5_000 };
  for (const dryRun of [false, true]) {
    const simulation = new Simulation(policy({ ...all, dryRun }));
    const peer = new SimulatedPeer(simulation.policy, 0);
    simulation.detector.add(peer, simulation.now);
    simulation.poll = () => simulation.pong(peer);
    simulation.runUntil(simulation.now + 10_000);
    const verdicts = simulation.spoken.map(({ decision }) => decision & EVICTIONS).filter(Boolean);
    const order = [Decision.Unadmitted, Decision.Expired, Decision.Idle];
    expect(verdicts).toEqual(dryRun ? order : order.slice(0, 1));
  }
});

test.each([
  ['idleTimeout', Decision.Idle],
  ['admissionTimeout', Decision.Unadmitted],
  ['maxLifetime', Decision.Expired],
])('%s is found with the next tick, between two looks, too', (key, decision) => {
  for (let time = 9_010; time < 13_000; time += 730) {
    const own = policy({ interval: 8_000, timeout: 16_000, [key]: time });
    const simulation = new Simulation(own);
    simulation.answerAfter = 1;
    const peer = new SimulatedPeer(own, 0);
    simulation.detector.add(peer, simulation.now);
    const start = simulation.now;
    simulation.runUntil(start + 20_000);
    const [found = Infinity] = simulation.times(peer, decision);
    expect(found - start).toBeGreaterThanOrEqual(time);
    // The idle clock starts with the next tick.
    expect(found - start).toBeLessThanOrEqual(time + 2 * own.tick);
  }
});

test('exactly as much as a limit may wait, and it may grow to just below twice that', () => {
  const own = policy({ ...OFF, limits: { backlog: { stalled: 10, max: 20 } } });
  const [peer, time] = fine(own);
  const verdictAt = (bytes: number, ago: number) => {
    peer.bytesWritten += bytes - peer.bufferedBytes;
    peer.bufferedBytes = bytes;
    collectOutbound(peer, time);
    if (peer.backlog !== undefined) peer.backlog.blockedSince = time.now - ago;
    return evictionOf(peer, time, 0);
  };
  expect(verdictAt(10, 2_000)).toBe(Decision.None);
  expect(verdictAt(11, 2_000)).toBe(Decision.SlowConsumer);
  expect(verdictAt(20, 0)).toBe(Decision.None);
  expect(peer.backlog?.leastOverMax).toBe(Infinity);
  expect(verdictAt(21, 0)).toBe(Decision.None);
  expect(verdictAt(40, 0)).toBe(Decision.None);
  expect(verdictAt(41, 0)).toBe(Decision.SlowConsumer);
  // The least that waited counts: what has doubled is what was added since.
  expect(verdictAt(25, 0)).toBe(Decision.None);
  expect(verdictAt(40, 0)).toBe(Decision.None);
  expect(verdictAt(20, 0)).toBe(Decision.None);
  expect(verdictAt(100, 0)).toBe(Decision.None);
  expect(verdictAt(119, 0)).toBe(Decision.None);
  expect(verdictAt(120, 0)).toBe(Decision.SlowConsumer);
  expect(verdictAt(0, 0)).toBe(Decision.None);
  expect(peer.backlog).toBeUndefined();
});

test('a ping that waits behind what we send is asked for when it has left', () => {
  const [peer, time] = fine();
  peer.bytesWritten = peer.bufferedBytes = 100;
  peer.unflushed = 'message';
  collectOutbound(peer, time);
  expect([peer.pingSentAt, peer.messagePingSentAt, peer.followUpAt]).toEqual([-1, -1, -1]);
  time.advance(time.real + 100);
  peer.bufferedBytes = 0;
  peer.uncompressedBytes = 1;
  collectOutbound(peer, time);
  expect([peer.pingSentAt, peer.unflushed]).toEqual([-1, 'message']);
  peer.uncompressedBytes = 0;
  collectOutbound(peer, time);
  const followUp = time.now + peer.policy.followUpAfter;
  expect([peer.pingSentAt, peer.messagePingSentAt, peer.followUpAt]).toEqual([
    time.now,
    time.now,
    followUp,
  ]);
  expect(peer.unflushed).toBeUndefined();
});

describe('what is taken of a queue', () => {
  const limits = { backlog: { stalled: 10, max: 20 } };
  const spoken = Decision.Unresponsive | Decision.SlowConsumer | Decision.Idle;

  /** A peer for which 100 bytes were sent, of which so many wait since a look. */
  function blocked(waiting: number): [SimulatedPeer, DetectorTime] {
    const [peer, time] = fine(policy({ ...OFF, limits }));
    peer.bytesWritten = 100;
    peer.bufferedBytes = waiting;
    collectOutbound(peer, time);
    peer.reported = spoken;
    peer.lastProgress = 0;
    time.advance(time.real + 100);
    return [peer, time];
  }

  test('begins to wait when a look finds it', () => {
    const [peer, time] = blocked(5);
    expect(peer.backlog).toMatchObject({
      flushedBytes: 95,
      waitingBytes: 5,
      blockedSince: time.now - 100 + 1,
      isBlocked: true,
      leastOverMax: Infinity,
    });
    const stuck = { ...peer.backlog };
    collectOutbound(peer, time);
    expect({ ...peer.backlog }).toEqual(stuck);
    expect([peer.lastProgress, peer.reported]).toEqual([0, spoken]);
  });

  test('is progress at this very moment, and refutes what was spoken of it, but not that the peer is idle', () => {
    const [peer, time] = blocked(5);
    peer.bufferedBytes = 4;
    time.clock.reach(time.real + 30);
    collectOutbound(peer, time);
    const now = time.now + 31;
    expect(peer.backlog).toMatchObject({ flushedBytes: 96, waitingBytes: 4, blockedSince: now });
    expect([peer.lastProgress, peer.reported]).toEqual([now, Decision.Idle]);
  });

  test('is the last progress when nothing waits any more', () => {
    const [peer, time] = blocked(5);
    peer.bufferedBytes = 0;
    collectOutbound(peer, time);
    expect([peer.lastProgress, peer.backlog]).toEqual([time.now + 1, undefined]);
    expect(peer.reported).toBe(Decision.Idle);
  });

  test('of our own ping, sent just now, is none', () => {
    const [peer, time] = fine(policy({ ...OFF, limits }));
    noteUnflushed(peer, time);
    expect(peer.backlog).toBeUndefined();
    peer.bytesWritten = 100;
    peer.bufferedBytes = 10;
    peer.lastProgress = 0;
    noteUnflushed(peer, time);
    expect(peer.backlog).toMatchObject({ blockedSince: time.now + 1, isBlocked: false });
    time.advance(time.real + 100);
    peer.bufferedBytes = 9;
    collectOutbound(peer, time);
    expect(peer.backlog).toMatchObject({ blockedSince: time.now + 1, isBlocked: true });
    expect(peer.lastProgress).toBe(0);
    // Found blocked by a look, it is.
    peer.bufferedBytes = 8;
    collectOutbound(peer, time);
    expect(peer.lastProgress).toBe(time.now + 1);
  });

  test('is not read again where a ping joins what waits', () => {
    const [peer, time] = blocked(5);
    peer.bytesWritten += 10;
    peer.bufferedBytes += 9;
    noteUnflushed(peer, time);
    expect(peer.backlog).toMatchObject({ flushedBytes: 95, waitingBytes: 5, isBlocked: true });
  });

  test.each([
    // Taken since the last look, and what waits then: may no more than the limit have waited in between?
    [9, 40, 30],
    [10, 40, 40],
    [10, 31, 31],
  ])('of 30 bytes %d, and %d wait: the least is %d', (taken, waiting, least) => {
    const [peer, time] = blocked(30);
    expect(peer.backlog?.leastOverMax).toBe(30);
    peer.bytesWritten = peer.bytesFlushed + taken + waiting;
    peer.bufferedBytes = waiting;
    collectOutbound(peer, time);
    expect(peer.backlog?.leastOverMax).toBe(least);
  });
});

test('a ping frame that waited asks for no message', () => {
  const [peer, time] = fine();
  peer.unflushed = 'ping';
  collectOutbound(peer, time);
  expect([peer.pingSentAt, peer.messagePingSentAt, peer.followUpAt]).toEqual([time.now, -1, -1]);
});

test('an earlier ping that is unanswered keeps its time', () => {
  const [peer, time] = fine();
  peer.pingSentAt = 5;
  peer.messagePingSentAt = 6;
  peer.unflushed = 'message';
  collectOutbound(peer, time);
  expect([peer.pingSentAt, peer.messagePingSentAt]).toEqual([5, 6]);
});

test('bytes that came may have come this very moment, and answer what was asked', () => {
  const [peer, time] = fine();
  peer.pingSentAt = 5;
  peer.lastFrameAt = 0;
  collectInbound(peer, time);
  expect([peer.lastFrameAt, peer.pingSentAt, peer.hasUnsolicited]).toEqual([0, 5, false]);
  peer.bytesRead++;
  collectInbound(peer, time);
  expect([peer.lastFrameAt, peer.pingSentAt, peer.hasUnsolicited]).toEqual([
    time.now + 1,
    -1,
    true,
  ]);
  peer.hasUnsolicited = false;
  collectInbound(peer, time);
  expect(peer.hasUnsolicited).toBe(false);
});

test('a lifetime that is put off when it is over ends once more', () => {
  const own = policy({ ...OFF, maxLifetime: 5_000 });
  const detector = new FailureDetector<SimulatedPeer>(0, own.tick);
  const peer = new SimulatedPeer(own, 0);
  detector.add(peer, 0);
  const ends: number[] = [];
  for (let real = own.tick; real <= 10_000; real += own.tick) {
    detector.advance(real);
    detector.onFrame(peer);
    for (let due = detector.nextDue(); due; due = detector.nextDue()) {
      if ((detector.check(due) & Decision.Expired) === 0) continue;
      ends.push(real);
      if (ends.length === 1) detector.extendLifetime(due, 2_000);
      else detector.remove(due);
    }
  }
  expect(ends).toEqual([5_000, 7_000]);
});

test('a policy that says the same of the lifetime leaves it put off', () => {
  const own = policy({ ...OFF, maxLifetime: 60_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.detector.extendLifetime(peer, 5_000);
  simulation.detector.update(peer, policy({ ...OFF, maxLifetime: 60_000, timeout: 3_000 }));
  expect(peer.lifetimeExtension).toBe(5_000);
});

test('application silence is demanded once: the same demand again wins no time', () => {
  const own = policy({ ...OFF, liveness: 'application' });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  const start = simulation.now;
  simulation.poll = () => simulation.detector.update(peer, own);
  simulation.runUntil(start + 5_000);
  const [verdict = Infinity] = simulation.times(peer, Decision.Unresponsive);
  expect(verdict - start).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
});

test('application mode, observed only: an application message refutes what was spoken', () => {
  const own = policy({ ...OFF, liveness: 'application', dryRun: true });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 5_000);
  simulation.message(peer);
  simulation.runUntil(simulation.now + 5_000);
  expect(simulation.times(peer, Decision.Unresponsive)).toHaveLength(2);
});

test('round trips are measured from the first on, and a place between all others is kept', () => {
  const peer = new SimulatedPeer(policy(), 1);
  peer.sampleRoundTrip(80);
  expect(peer.roundTrip).toMatchObject({ last: 80, smoothed: 80 });
  peer.sampleRoundTrip(160);
  expect(peer.roundTrip).toMatchObject({ last: 160, smoothed: 90, min: 80 });
  const phases = [0, 1, 2, 3].map((sequence) => new SimulatedPeer(policy(), sequence).phase);
  expect(phases.map((phase) => phase.toFixed(3))).toEqual(['0.000', '0.618', '0.236', '0.854']);
});

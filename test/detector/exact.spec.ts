import { describe, expect, test } from '@jest/globals';
import { Backlog } from '../../src/detector/backlog.js';
import { DetectorTime } from '../../src/detector/detector.time.js';
import { dueEviction, isApplicationOnly } from '../../src/detector/eviction-rules.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { isEviction, type EVICTIONS } from '../support/decisions.js';
import type { RareState } from '../../src/detector/rare.state.js';
import { backlogFields, fieldsOf, messagePingFields } from './internals.js';
import { policy, SimulatedPeer, Simulation } from '../support/simulation.js';

const OFF = { interval: 1_000, timeout: 2_000 };

/** A peer that is fine, 100 000 ms after it connected. */
function fine(own = policy(OFF)): [SimulatedPeer, DetectorTime] {
  const time = new DetectorTime(0, 100);
  for (let real = 100; real <= 100_000; real += 100) time.advance(real);
  // The first of all has the lifetime as it was set.
  const peer = new SimulatedPeer(own, 0);
  const fields = fieldsOf(peer);
  fields.frameAt = fields.applicationAt = time.now;
  peer.start(time.real);
  return [peer, time];
}

/** Sets the time of the last sign of life, in ms before now. */
function silence(peer: SimulatedPeer, time: DetectorTime, ago: number): void {
  const fields = fieldsOf(peer);
  fields.frameAt = fields.applicationAt = time.now - ago;
}

/** Lets bytes wait for the peer, none of which was taken for `ago` ms. */
function stick(peer: SimulatedPeer, time: DetectorTime, waiting: number, ago: number): void {
  const backlog = new Backlog(0, time.now - ago, true);
  fieldsOf(peer).needRare().backlog = backlog;
  Object.assign(backlog, { waitingBytes: waiting });
}

/** The times of the unanswered pings, and of the frame that has to follow. */
function pingTimes(peer: SimulatedPeer): number[] {
  const messagePings = messagePingFields(peer);
  return [
    fieldsOf(peer).pingSentAt,
    messagePings?.sentAt ?? NaN,
    messagePings?.nextFollowUpAt ?? NaN,
  ];
}

/** A peer that answers message pings, and whose last ping waits behind what we send. */
function withUnflushed(kind: RareState['unflushedPing']): [SimulatedPeer, DetectorTime] {
  const [peer, time] = fine();
  peer.enableMessagePings();
  fieldsOf(peer).needRare().unflushedPing = kind;
  return [peer, time];
}

describe('an eviction is due to the millisecond', () => {
  test.each<
    [
      (typeof EVICTIONS)[number],
      ReturnType<typeof policy>,
      (peer: SimulatedPeer, time: DetectorTime, ago: number) => void,
      number,
    ]
  >([
    [
      'idle',
      policy({ ...OFF, idleTimeout: 7_000 }),
      (peer, _, ago) => (fieldsOf(peer).applicationAt -= ago),
      7_000,
    ],
    [
      'unadmitted',
      policy({ ...OFF, admissionTimeout: 7_000 }),
      (peer, _, ago) => (fieldsOf(peer).startedAt -= ago),
      7_000,
    ],
    [
      'expired',
      policy({ ...OFF, maxLifetime: 7_000 }),
      (peer, _, ago) => (fieldsOf(peer).startedAt -= ago),
      7_000,
    ],
    [
      'slow-consumer',
      policy({ ...OFF, limits: { backlog: { stalled: 10, max: 20 } } }),
      (peer, time, ago) => stick(peer, time, 11, ago),
      2_000,
    ],
  ])('%s', (cause, own, age, limit) => {
    const [early, time] = fine(own);
    age(early, time, limit - 1);
    early.setDeadlineOver(true);
    expect(dueEviction(early, time)).toBeUndefined();
    const [due, now] = fine(own);
    age(due, now, limit);
    due.setDeadlineOver(true);
    expect(dueEviction(due, now)).toBe(cause);
  });

  test('unresponsive: silent for the timeout, and pinged as long ago as an answer may take', () => {
    const [peer, time] = fine();
    silence(peer, time, 2_000);
    expect(dueEviction(peer, time)).toBeUndefined();
    fieldsOf(peer).pingSentAt = time.now - peer.policy.pongTimeout;
    expect(dueEviction(peer, time)).toBe('unresponsive');
    silence(peer, time, 1_999);
    expect(dueEviction(peer, time)).toBeUndefined();
    silence(peer, time, 2_000);
    fieldsOf(peer).pingSentAt++;
    expect(dueEviction(peer, time)).toBeUndefined();
  });

  test('unresponsive: silent for the timeout, and none of the waiting bytes was taken for as long', () => {
    const [peer, time] = fine();
    silence(peer, time, 2_000);
    stick(peer, time, 1, 2_000);
    expect(dueEviction(peer, time)).toBe('unresponsive');
    silence(peer, time, 1_999);
    expect(dueEviction(peer, time)).toBeUndefined();
    silence(peer, time, 2_000);
    stick(peer, time, 1, 1_999);
    expect(dueEviction(peer, time)).toBeUndefined();
  });

  test('only the application is unresponsive if the path worked until it would be suspect', () => {
    const [peer, time] = fine(policy({ ...OFF, liveness: 'application' }));
    silence(peer, time, 2_000);
    fieldsOf(peer).frameAt = time.now - peer.policy.suspectAfter + 1;
    expect(dueEviction(peer, time)).toBe('unresponsive');
    expect(isApplicationOnly(peer, time)).toBe(true);
    fieldsOf(peer).frameAt--;
    expect(dueEviction(peer, time)).toBe('unresponsive');
    expect(isApplicationOnly(peer, time)).toBe(false);
  });

  test('in transport mode it is never only the application', () => {
    const [peer, time] = fine();
    expect(isApplicationOnly(peer, time)).toBe(false);
  });
});

test('of several due evictions the first decides; in a dry run the others follow one by one', () => {
  const all = { ...OFF, idleTimeout: 5_000, admissionTimeout: 5_000, maxLifetime: 5_000 };
  for (const dryRun of [false, true]) {
    const simulation = new Simulation(policy({ ...all, dryRun }));
    const peer = new SimulatedPeer(simulation.policy, 0);
    simulation.detector.add(peer, simulation.now);
    simulation.poll = () => simulation.pong(peer);
    simulation.runUntil(simulation.now + 10_000);
    const evictions = simulation.recordedChecks.flatMap(({ decisions }) =>
      decisions.filter((decision) => isEviction([decision])),
    );
    const order = ['unadmitted', 'expired', 'idle'];
    expect(evictions).toEqual(dryRun ? order : order.slice(0, 1));
  }
});

test.each([
  ['idleTimeout', 'idle'],
  ['admissionTimeout', 'unadmitted'],
  ['maxLifetime', 'expired'],
] as const)('%s is found on the next tick, also between two regular checks', (key, decision) => {
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

test('a backlog at the limit is allowed, and it may grow to just below twice the limit', () => {
  const own = policy({ ...OFF, limits: { backlog: { stalled: 10, max: 20 } } });
  const [peer, time] = fine(own);
  const evictionWith = (bytes: number, ago: number) => {
    peer.bytesWritten += bytes - peer.bufferedBytes;
    peer.bufferedBytes = bytes;
    peer.collectOutbound(time);
    const backlog = backlogFields(peer);
    if (backlog !== undefined) backlog.blockedAt = time.now - ago;
    return dueEviction(peer, time);
  };
  expect(evictionWith(10, 2_000)).toBeUndefined();
  expect(evictionWith(11, 2_000)).toBe('slow-consumer');
  expect(evictionWith(20, 0)).toBeUndefined();
  expect(backlogFields(peer)?.leastOverMax).toBe(Infinity);
  expect(evictionWith(21, 0)).toBeUndefined();
  expect(evictionWith(40, 0)).toBeUndefined();
  expect(evictionWith(41, 0)).toBe('slow-consumer');
  // The least that waited counts: what has doubled is what was added since.
  expect(evictionWith(25, 0)).toBeUndefined();
  expect(evictionWith(40, 0)).toBeUndefined();
  expect(evictionWith(20, 0)).toBeUndefined();
  expect(evictionWith(100, 0)).toBeUndefined();
  expect(evictionWith(119, 0)).toBeUndefined();
  expect(evictionWith(120, 0)).toBe('slow-consumer');
  expect(evictionWith(0, 0)).toBeUndefined();
  expect(peer.backlog).toBeUndefined();
});

test('the time to answer a ping that waits behind what we send starts when it is flushed', () => {
  const [peer, time] = withUnflushed('message-ping');
  peer.bytesWritten = peer.bufferedBytes = 100;
  peer.collectOutbound(time);
  expect(pingTimes(peer)).toEqual([-1, -1, -1]);
  time.advance(time.real + 100);
  peer.bufferedBytes = 0;
  peer.uncompressedBytes = 1;
  peer.collectOutbound(time);
  expect(pingTimes(peer)).toEqual([-1, -1, -1]);
  expect(peer.isUnflushed).toBe(true);
  peer.uncompressedBytes = 0;
  peer.collectOutbound(time);
  const followUp = time.now + peer.policy.followUpAfter;
  expect(pingTimes(peer)).toEqual([time.now, time.now, followUp]);
  expect(peer.isUnflushed).toBe(false);
});

describe('what is taken of a queue', () => {
  const limits = { backlog: { stalled: 10, max: 20 } };
  const causes = ['unresponsive', 'slow-consumer', 'idle'] as const;
  const reported = (peer: SimulatedPeer) => causes.filter((cause) => peer.hasReported(cause));
  const progress = (peer: SimulatedPeer) => fieldsOf(peer).rare?.progressAt;

  /** A peer to which 100 bytes were sent, some of which have waited since a check. */
  function blocked(waiting: number): [SimulatedPeer, DetectorTime] {
    const [peer, time] = fine(policy({ ...OFF, limits }));
    peer.bytesWritten = 100;
    peer.bufferedBytes = waiting;
    peer.collectOutbound(time);
    for (const cause of causes) peer.report(cause);
    fieldsOf(peer).needRare().progressAt = 0;
    time.advance(time.real + 100);
    return [peer, time];
  }

  test('counts as waiting once a check finds it', () => {
    const [peer, time] = blocked(5);
    expect(backlogFields(peer)).toMatchObject({
      flushedBytes: 95,
      waitingBytes: 5,
      blockedAt: time.now - 100 + 1,
      isBlocked: true,
      leastOverMax: Infinity,
    });
    const stuck = { ...backlogFields(peer) };
    peer.collectOutbound(time);
    expect({ ...backlogFields(peer) }).toEqual(stuck);
    expect([progress(peer), reported(peer)]).toEqual([0, causes]);
  });

  test('is progress at this very moment, and clears reported causes except idle', () => {
    const [peer, time] = blocked(5);
    peer.bufferedBytes = 4;
    time.clock.reach(time.real + 30);
    peer.collectOutbound(time);
    const now = time.now + 31;
    expect(backlogFields(peer)).toMatchObject({
      flushedBytes: 96,
      waitingBytes: 4,
      blockedAt: now,
    });
    expect([progress(peer), reported(peer)]).toEqual([now, ['idle']]);
  });

  test('is the last progress when nothing waits any more', () => {
    const [peer, time] = blocked(5);
    peer.bufferedBytes = 0;
    peer.collectOutbound(time);
    expect([progress(peer), peer.backlog]).toEqual([time.now + 1, undefined]);
    expect(reported(peer)).toEqual(['idle']);
  });

  test('is no progress if only our own ping waited', () => {
    const [peer, time] = fine(policy({ ...OFF, limits }));
    peer.onPingSent(time);
    expect(peer.backlog).toBeUndefined();
    peer.bytesWritten = 100;
    peer.bufferedBytes = 10;
    fieldsOf(peer).needRare().progressAt = 0;
    peer.onPingSent(time);
    expect(backlogFields(peer)).toMatchObject({ blockedAt: time.now + 1, isBlocked: false });
    time.advance(time.real + 100);
    peer.bufferedBytes = 9;
    peer.collectOutbound(time);
    expect(backlogFields(peer)).toMatchObject({ blockedAt: time.now + 1, isBlocked: true });
    expect(progress(peer)).toBe(0);
    // A check found it blocked, so it is progress.
    peer.bufferedBytes = 8;
    peer.collectOutbound(time);
    expect(progress(peer)).toBe(time.now + 1);
  });

  test('is not measured again when a ping is added to the backlog', () => {
    const [peer, time] = blocked(5);
    peer.bytesWritten += 10;
    peer.bufferedBytes += 9;
    peer.onPingSent(time);
    expect(backlogFields(peer)).toMatchObject({
      flushedBytes: 95,
      waitingBytes: 5,
      isBlocked: true,
    });
  });

  test.each([
    // Bytes taken since the last check, and the backlog after it: may it have been below the limit in between?
    [9, 40, 30],
    [10, 40, 40],
    [10, 31, 31],
  ])('of 30 bytes %d, and %d wait: the least is %d', (taken, waiting, least) => {
    const [peer, time] = blocked(30);
    expect(backlogFields(peer)?.leastOverMax).toBe(30);
    peer.bytesWritten = peer.bytesFlushed + taken + waiting;
    peer.bufferedBytes = waiting;
    peer.collectOutbound(time);
    expect(backlogFields(peer)?.leastOverMax).toBe(least);
  });
});

test('a ping frame that waited expects no message', () => {
  const [peer, time] = withUnflushed('ping');
  peer.collectOutbound(time);
  expect(pingTimes(peer)).toEqual([time.now, -1, -1]);
});

test('an earlier ping that is unanswered keeps its time', () => {
  const [peer, time] = withUnflushed('message-ping');
  fieldsOf(peer).pingSentAt = 5;
  Object.assign(messagePingFields(peer) ?? {}, { sentAt: 6 });
  peer.collectOutbound(time);
  expect(pingTimes(peer).slice(0, 2)).toEqual([5, 6]);
});

test('a client that does not answer message pings has no message ping in flight', () => {
  const [peer, time] = fine();
  peer.onMessagePingSent(time);
  expect(pingTimes(peer)).toEqual([time.now, NaN, NaN]);
  expect(peer.followUpAt).toBe(Infinity);
});

test('received bytes count from the time of the check, and answer the pending ping', () => {
  const [peer, time] = fine();
  const fields = fieldsOf(peer);
  const state = () => [fields.frameAt, fields.pingSentAt, peer.takeUnsolicited()];
  fields.pingSentAt = 5;
  fields.frameAt = 0;
  peer.collectInbound(time);
  expect(state()).toEqual([0, 5, false]);
  peer.bytesRead++;
  peer.collectInbound(time);
  expect(state()).toEqual([time.now + 1, -1, true]);
  peer.collectInbound(time);
  expect(peer.takeUnsolicited()).toBe(false);
});

test('a lifetime that is extended after its end ends once more', () => {
  const own = policy({ ...OFF, maxLifetime: 5_000 });
  const detector = new FailureDetector<SimulatedPeer>(0, own.tick);
  const peer = new SimulatedPeer(own, 0);
  detector.add(peer, 0);
  const ends: number[] = [];
  for (let real = own.tick; real <= 10_000; real += own.tick) {
    detector.advance(real);
    detector.onFrame(peer);
    for (let due = detector.nextDue(); due; due = detector.nextDue()) {
      if (detector.check(due)?.eviction !== 'expired') continue;
      ends.push(real);
      if (ends.length === 1) detector.extendLifetime(due, 2_000);
      else detector.remove(due);
    }
  }
  expect(ends).toEqual([5_000, 7_000]);
});

test('a policy with the same lifetime keeps the extension', () => {
  const own = policy({ ...OFF, maxLifetime: 60_000 });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.detector.extendLifetime(peer, 5_000);
  simulation.detector.update(peer, policy({ ...OFF, maxLifetime: 60_000, timeout: 3_000 }));
  expect(peer.lifetimeExtension).toBe(5_000);
});

test('messages are demanded once: the same demand again does not restart the clock', () => {
  const own = policy({ ...OFF, liveness: 'application' });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  const start = simulation.now;
  simulation.poll = () => simulation.detector.update(peer, own);
  simulation.runUntil(start + 5_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(evictedAt - start).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
});

test('application mode, dry run: an application message clears reported causes', () => {
  const own = policy({ ...OFF, liveness: 'application', dryRun: true });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 5_000);
  simulation.message(peer);
  simulation.runUntil(simulation.now + 5_000);
  expect(simulation.times(peer, 'unresponsive')).toHaveLength(2);
});

test('phases spread by the golden ratio', () => {
  const phases = [0, 1, 2, 3].map((sequence) => new SimulatedPeer(policy(), sequence).phase);
  expect(phases.map((phase) => phase.toFixed(3))).toEqual(['0.000', '0.618', '0.236', '0.854']);
});

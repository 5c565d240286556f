import { expect, test } from '@jest/globals';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';

const times = { interval: 8_000, timeout: 16_000 };
const { tick } = policy(times);

/** A peer that we close, so that it is no longer open. */
function closing(closeTimeout: number, after = 0): [Simulation, SimulatedPeer, number] {
  const simulation = new Simulation(policy({ ...times, closeTimeout }));
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 1_000);
  peer.isOpen = false;
  const real = simulation.now + after;
  simulation.detector.onEvicted(peer, real, false);
  return [simulation, peer, real + closeTimeout];
}

// 600 000 ms are further away than the wheel reaches.
test.each([1, 4_970, 5_000, 600_000])(
  'a peer that does not end is terminated after %d ms, and released a second later',
  (closeTimeout) => {
    const [simulation, peer, closeBy] = closing(closeTimeout);
    simulation.runUntil(closeBy + 1_500);
    const first = Math.ceil(closeBy / tick) * tick;
    expect(simulation.recordedChecks).toEqual([
      { at: first, peer, decisions: ['terminate'] },
      { at: first + 1_000, peer, decisions: ['terminate', 'release'] },
    ]);
  },
);

test('a peer that was terminated at once is released a second later', () => {
  const simulation = new Simulation(policy(times));
  const peer = simulation.connect();
  const start = simulation.now;
  peer.isOpen = false;
  simulation.detector.onEvicted(peer, start, true);
  simulation.runUntil(start + 1_500);
  const decisions = ['terminate', 'release'];
  expect(simulation.recordedChecks).toEqual([{ at: start + 1_000, peer, decisions }]);
});

test.each([true, false])(
  'a peer that is closed is released, however it began to close: by us %s',
  (byUs) => {
    const simulation = new Simulation(policy(times));
    const peer = simulation.connect();
    simulation.answerAfter = 1;
    simulation.runUntil(simulation.now + 1_000);
    peer.isOpen = false;
    if (byUs) simulation.detector.onEvicted(peer, simulation.now, false);
    else simulation.runUntil(simulation.now + 4_500);
    const before = simulation.recordedChecks.length;
    peer.isClosed = true;
    const closed = simulation.now;
    simulation.runUntil(closed + 6_000);
    const [release, ...more] = simulation.recordedChecks.slice(before);
    expect(more).toEqual([]);
    expect(release?.decisions).toEqual(['release']);
    expect((release?.at ?? 0) - closed).toBeLessThanOrEqual(5_000 + tick);
  },
);

test('what is taken of the close frame itself is progress only if it had to wait', () => {
  for (const waits of [false, true]) {
    const [simulation, peer, closeBy] = closing(1_000);
    peer.bytesWritten += 10;
    if (waits) peer.bufferedBytes = 10;
    simulation.detector.onCloseFrameSent(peer);
    simulation.runUntil(closeBy - 500);
    peer.bufferedBytes = 0;
    simulation.runUntil(closeBy + 1_000);
    const [terminated = 0] = simulation.times(peer, 'terminate');
    expect(terminated - closeBy).toBeGreaterThanOrEqual(waits ? 500 : 0);
    expect(terminated - closeBy).toBeLessThanOrEqual((waits ? 500 + 250 : 0) + 2 * tick);
  }
});

test('a close frame has no effect on a connection that is not closing', () => {
  const simulation = new Simulation(policy(times));
  const peer = simulation.connect();
  simulation.detector.onCloseFrameSent(peer);
  expect([peer.closing, peer.isWaiting]).toEqual([undefined, true]);
});

test.each([100, 500, 900])(
  'closeTimeout restarts each time the kernel takes waiting bytes: every %d ms',
  (every) => {
    const [simulation, peer] = closing(1_000);
    peer.bytesWritten += 1_000;
    peer.bufferedBytes = 1_000;
    let taken = simulation.now;
    let next = taken + every;
    simulation.poll = (now) => {
      if (now < next || now > 20_000) return;
      peer.bufferedBytes--;
      taken = now;
      next += every;
    };
    simulation.runUntil(25_000);
    const [terminated = 0] = simulation.times(peer, 'terminate');
    expect(terminated - taken).toBeGreaterThanOrEqual(1_000);
    // The next check notices the taken bytes, at most a quarter of the time later.
    expect(terminated - taken).toBeLessThanOrEqual(1_000 + 250 + 2 * tick);
  },
);

test.each([0, 1])(
  'closeTimeout begins when all is compressed, unless bytes wait in the socket: %d',
  (waiting) => {
    const [simulation, peer, closeBy] = closing(1_000);
    peer.bytesWritten += waiting;
    peer.bufferedBytes = waiting;
    peer.uncompressedBytes = 100;
    simulation.detector.onCloseFrameSent(peer);
    const compressed = closeBy + 7_000;
    simulation.poll = (now) => {
      if (now >= compressed) peer.uncompressedBytes = 0;
    };
    simulation.runUntil(compressed + 5_000);
    const [terminated = 0] = simulation.times(peer, 'terminate');
    const from = waiting > 0 ? closeBy : compressed + 1_000 - 250;
    expect(terminated).toBeGreaterThanOrEqual(from);
    expect(terminated).toBeLessThanOrEqual(from + 250 + 2 * tick);
  },
);

test.each([
  [true, 'closed', 'release'],
  [false, 'closing', 'terminate'],
])('a close that we did not begin is found an interval later at most', (isClosed, _, what) => {
  for (const paused of [false, true]) {
    for (let phase = 1; phase < 8; phase++) {
      const simulation = new Simulation(policy(times));
      simulation.answerAfter = 1;
      const peer = simulation.connectLast(phase);
      simulation.runUntil(simulation.now + 10_000);
      if (paused) simulation.detector.pause(peer);
      peer.isOpen = false;
      peer.isClosed = isClosed;
      const began = simulation.now;
      // It goes on sending, which is no reason to wait.
      simulation.poll = () => simulation.message(peer);
      simulation.runUntil(began + 20_000);
      const [first] = simulation.recordedChecks.filter(
        ({ at, peer: one }) => one === peer && at > began,
      );
      expect(first?.decisions).toEqual([what]);
      const least = isClosed ? 0 : 5_000;
      expect((first?.at ?? 0) - began).toBeGreaterThanOrEqual(least);
      expect((first?.at ?? 0) - began).toBeLessThanOrEqual(least + times.interval + 2 * tick);
    }
  }
});

test('a fraction of a millisecond is not cut off', () => {
  const [simulation, peer, closeBy] = closing(1_000, 0.5);
  simulation.runUntil(closeBy + 500);
  expect(simulation.times(peer, 'terminate')).toEqual([closeBy + tick - 0.5]);
  expect(peer.state).toBe('evicted');
});

test('bytes taken between a tick and its check count from the check, because the process was blocked in between', () => {
  const [simulation, peer] = closing(1_000);
  const { detector } = simulation;
  peer.bytesWritten += 100;
  peer.bufferedBytes = 100;
  detector.onCloseFrameSent(peer);
  simulation.now += tick * 3;
  detector.advance(simulation.now);
  simulation.now += 900;
  peer.bufferedBytes = 50;
  const taken = simulation.now;
  detector.continueTick(taken);
  for (let due = detector.nextDue(); due; due = detector.nextDue()) detector.check(due);
  simulation.runUntil(taken + 3_000);
  const [terminated = 0] = simulation.times(peer, 'terminate');
  expect(terminated - taken).toBeGreaterThanOrEqual(1_000);
});

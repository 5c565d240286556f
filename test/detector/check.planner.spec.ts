import { expect, test } from '@jest/globals';
import { CheckPlanner } from '../../src/detector/check.planner.js';
import { DetectorTime } from '../../src/detector/detector.time.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { decisionsOf } from '../support/decisions.js';
import { fieldsOf } from './internals.js';
import { policy, SimulatedPeer } from '../support/simulation.js';

const TICK = 100;
/** A regular check is 10 s away, a tenth of the timeout 4 s. */
const SLOW = policy({ interval: 20_000, timeout: 40_000 });
/** A tenth of the timeout is 500 ms. */
const QUICK = policy({ interval: 4_000, timeout: 5_000 });

interface Planned {
  readonly detector: FailureDetector<SimulatedPeer>;
  readonly peer: SimulatedPeer;
  /** Ticks until the connection is checked again. */
  untilCheck(): number;
}

function connected(own = SLOW, start = 0): Planned {
  const detector = new FailureDetector<SimulatedPeer>(start, TICK);
  const peer = new SimulatedPeer(own, 1);
  let now = start;
  const untilCheck = () => {
    for (let ticks = 1; ticks < 1_000; ticks++) {
      now += TICK;
      detector.advance(now);
      detector.continueTick(now);
      if (detector.nextDue() !== undefined) return ticks;
    }
    return Infinity;
  };
  detector.add(peer, start);
  return { detector, peer, untilCheck };
}

test.each([
  ['a tenth of the timeout', SLOW, 39],
  ['a tenth of a short timeout', QUICK, 4],
])('in the middle of a frame a connection is checked after %s', (_, own, ticks) => {
  const { detector, peer, untilCheck } = connected(own);
  untilCheck();
  peer.bytesRead = 1;
  detector.check(peer);
  expect(untilCheck()).toBe(ticks);
});

test.each([
  ['a second', SLOW, 10],
  ['a tenth of a short timeout', QUICK, 4],
])('while bytes wait a connection is checked after %s', (_, own, ticks) => {
  const { detector, peer, untilCheck } = connected(own);
  untilCheck();
  peer.bytesWritten = peer.bufferedBytes = 1;
  detector.check(peer);
  expect(untilCheck()).toBe(ticks);
});

test.each([
  ['a second', SLOW, 10],
  ['a tenth of a short timeout', QUICK, 4],
])('while a ping is not flushed a connection is checked after %s', (_, own, ticks) => {
  const { detector, peer, untilCheck } = connected(own);
  untilCheck();
  detector.check(peer);
  // What is being compressed does not wait in the socket yet.
  peer.uncompressedBytes = 1;
  detector.onPingSent(peer);
  expect(fieldsOf(peer).rare?.unflushedPing).toBe('ping');
  expect(untilCheck()).toBe(ticks);
});

test.each([
  [8_000, 10],
  [2_000, 5],
])(
  'a closing connection of which bytes wait is checked soon: closeTimeout %d',
  (closeTimeout, ticks) => {
    const own = policy({ interval: 20_000, timeout: 40_000, closeTimeout });
    const { detector, peer, untilCheck } = connected(own);
    untilCheck();
    detector.check(peer);
    peer.bytesWritten = peer.bufferedBytes = 1;
    const now = peer.connectedAt + detector.clock.now;
    detector.onEvicted(peer, now, false);
    detector.onCloseFrameSent(peer);
    expect(untilCheck()).toBe(ticks);
    expect(decisionsOf(detector.check(peer))).toEqual([]);
  },
);

test('new options of a closing connection place it in no wheel', () => {
  const own = policy({ interval: 1_000, timeout: 2_000, closeTimeout: 60_000 });
  const { detector, peer, untilCheck } = connected(own);
  untilCheck();
  detector.onEvicted(peer, detector.clock.now, false);
  detector.update(peer, policy({ interval: 400, timeout: 800, closeTimeout: 60_000 }));
  expect(peer.isWaiting).toBe(false);
  detector.advance(detector.clock.now + TICK);
  expect(detector.nextDue()).toBeUndefined();
});

test('a deadline in real time does not come early, however high the clock stands', () => {
  const own = policy({ interval: 100_000, timeout: 200_000, admissionTimeout: 10_000 });
  const { untilCheck } = connected(own, 1_000_000);
  expect(untilCheck()).toBe(100);
});

test('with a shorter tick the slots of a connection are counted anew', () => {
  const { detector, peer, untilCheck } = connected(policy({ interval: 20_000, timeout: 40_000 }));
  untilCheck();
  detector.check(peer);
  detector.onPingSent(peer);
  const { phaseSlot, sentSlot } = { ...fieldsOf(peer) };
  expect(sentSlot).toBeGreaterThan(0);
  detector.advance(detector.clock.now + TICK);
  detector.changeTick(50);
  expect(fieldsOf(peer).sentSlot).toBe(sentSlot * 2);
  // The position in the interval is rounded down to a slot, of which there are twice as many.
  expect([0, 1]).toContain(fieldsOf(peer).phaseSlot - phaseSlot * 2);
});

/** A phase is at the same position of each interval, in slots. */
function positionIn(interval: number, { phaseSlot }: { phaseSlot: number }, tick = TICK): number {
  return phaseSlot % (interval / tick);
}

test('a connection keeps its phase when a check is late, and with another interval or tick', () => {
  const { detector, peer, untilCheck } = connected(SLOW);
  const fields = fieldsOf(peer);
  const position = Math.floor(peer.phase * 200);
  untilCheck();
  detector.check(peer);
  expect(positionIn(20_000, fields)).toBe(position);
  // For more than three intervals, without a check.
  for (let now = detector.clock.now; now < 80_000;) detector.advance((now += TICK));
  detector.check(peer);
  expect(positionIn(20_000, fields)).toBe(position);
  expect(fields.phaseSlot).toBeGreaterThan(800);
  detector.update(peer, policy({ interval: 4_000, timeout: 40_000 }));
  expect(positionIn(4_000, fields)).toBe(Math.floor(peer.phase * 40));
  detector.changeTick(50);
  expect(positionIn(4_000, fields, 50)).toBe(Math.floor(peer.phase * 80));
});

test.each([
  [
    'options',
    (detector: FailureDetector<SimulatedPeer>, peer: SimulatedPeer) =>
      detector.update(peer, policy({ interval: 10_000, timeout: 40_000 })),
  ],
  ['tick', (detector: FailureDetector<SimulatedPeer>) => detector.changeTick(50)],
])('a phase that has come stays due with another %s', (_, change) => {
  const { detector, peer, untilCheck } = connected(SLOW);
  untilCheck();
  detector.check(peer);
  detector.onPingSent(peer);
  detector.onPong(peer);
  untilCheck();
  // Traffic in both directions, so that nothing but the phase demands a ping.
  for (let tick = 0; tick < 2; tick++) {
    peer.bytesWritten += 10;
    detector.onApplicationMessage(peer);
    detector.advance(detector.clock.now + TICK);
  }
  change(detector, peer);
  expect(decisionsOf(detector.check(peer))).toEqual(['ping']);
});

test('a cause is reported once, until it is forgotten', () => {
  const record = new SimulatedPeer(policy(), 1);
  expect([record.report('flooding'), record.report('flooding')]).toEqual([true, false]);
  expect(record.hasReported('idle')).toBe(false);
});

test('a planner starts at the time that it is given', () => {
  const time = new DetectorTime(5_000_000, TICK);
  const planner = new CheckPlanner(time);
  planner.advance();
  expect(planner.nextDue()).toBeUndefined();
});

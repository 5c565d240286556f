import { describe, expect, test } from '@jest/globals';
import { DetectorTime } from '../../src/detector/detector.time.js';
import { policy, SimulatedPeer } from '../support/simulation.js';

const LONG_MESSAGE = 16_384;

/** A peer that connected ten ticks of 100 ms ago. */
function started(): { peer: SimulatedPeer; time: DetectorTime } {
  const time = new DetectorTime(0, 100);
  const peer = new SimulatedPeer(policy(), 1);
  peer.restart(time);
  for (let real = 100; real <= 1_000; real += 100) time.advance(real);
  peer.collectReceived(time.clock);
  peer.takeUnsolicited();
  return { peer, time };
}

test('nothing is expected of a new connection', () => {
  const { time } = started();
  const peer = new SimulatedPeer(policy(), 1);
  expect(peer.isInFrame).toBe(false);
  peer.onPong(time.clock.ticks);
  peer.collectReceived(time.clock);
  expect(peer.isInFrame).toBe(false);
});

test('a restart begins with the next tick, and expects nothing', () => {
  const { peer, time } = started();
  peer.bytesRead = 3;
  peer.collectReceived(time.clock);
  expect(peer.isInFrame).toBe(true);
  peer.bytesRead = 3 + LONG_MESSAGE;
  peer.onApplicationMessage(time);
  peer.restart(time);
  expect([peer.isInFrame, peer.lastFrameAt, peer.lastApplicationAt]).toEqual([false, 1_100, 1_100]);
  expect([peer.lastLifeOf(false), peer.lastLifeOf(true)]).toEqual([1_100, 1_100]);
  peer.onPong(time.clock.ticks);
  peer.collectReceived(time.clock);
  expect(peer.isInFrame).toBe(false);
});

test('an earlier next tick moves all times that start with it, and no others', () => {
  const { peer, time } = started();
  peer.restart(time);
  time.retick(40);
  peer.rescale(time, 2.5);
  expect([
    peer.lastFrameAt,
    peer.lastApplicationAt,
    peer.lastLifeOf(true),
    peer.lastLifeOf(false),
  ]).toEqual([1_040, 1_040, 1_040, 1_040]);
  time.retick(90);
  peer.rescale(time, 1);
  expect([peer.lastFrameAt, peer.lastApplicationAt, peer.lastLifeOf(true)]).toEqual([
    1_040, 1_040, 1_040,
  ]);
});

test('while reading is paused the client may have sent anything', () => {
  const { peer, time } = started();
  peer.resetIdleClocks(time);
  expect([peer.isInFrame, peer.takeUnsolicited(), peer.lastFrameAt]).toEqual([true, true, 1_000]);
});

describe('a check collects the strongest sign of life', () => {
  test('nothing', () => {
    const { peer, time } = started();
    expect(peer.collectReceived(time.clock)).toBe('nothing');
    expect(peer.takeUnsolicited()).toBe(false);
  });

  test('bytes of a frame that is not complete', () => {
    const { peer, time } = started();
    peer.bytesRead = 1;
    expect(peer.collectReceived(time.clock)).toBe('frame');
    expect([peer.isInFrame, peer.takeUnsolicited(), peer.lastFrameAt]).toEqual([true, true, 1_001]);
  });

  test('a pong, which a ping demanded', () => {
    const { peer, time } = started();
    peer.onPong(time.clock.ticks);
    expect(peer.collectReceived(time.clock)).toBe('frame');
    expect([peer.takeUnsolicited(), peer.lastFrameAt]).toEqual([false, 1_001]);
  });

  test('a frame that answers no ping', () => {
    const { peer, time } = started();
    peer.onFrame(time.clock.ticks);
    expect(peer.collectReceived(time.clock)).toBe('frame');
    expect([peer.takeUnsolicited(), peer.lastFrameAt]).toEqual([true, 1_001]);
  });

  test('a heartbeat message', () => {
    const { peer, time } = started();
    peer.onHeartbeatMessage(time.clock.ticks);
    const idle = peer.lastApplicationAt;
    expect(peer.collectReceived(time.clock)).toBe('heartbeat-message');
    expect([peer.takeUnsolicited(), peer.lastLifeOf(true)]).toEqual([true, 1_001]);
    expect(peer.lastApplicationAt).toBe(idle);
  });

  test('an application message', () => {
    const { peer, time } = started();
    peer.onHeartbeatMessage(time.clock.ticks);
    peer.onApplicationMessage(time);
    expect(peer.collectReceived(time.clock)).toBe('application-message');
    expect([peer.lastLifeOf(true), peer.lastApplicationAt]).toEqual([1_001, 1_001]);
  });
});

test.each([
  [LONG_MESSAGE - 1, false],
  [LONG_MESSAGE, true],
  [LONG_MESSAGE + 1, true],
])('after a message of %d bytes the next may be in transit: %p', (bytes, isExpected) => {
  const { peer, time } = started();
  peer.bytesRead = 50_000;
  peer.onPong(time.clock.ticks);
  peer.collectReceived(time.clock);
  peer.bytesRead += bytes;
  peer.onApplicationMessage(time);
  peer.collectReceived(time.clock);
  expect(peer.isInFrame).toBe(isExpected);
  peer.onPong(time.clock.ticks);
  peer.collectReceived(time.clock);
  expect(peer.isInFrame).toBe(false);
});

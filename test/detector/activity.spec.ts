import { describe, expect, test } from '@jest/globals';
import { Activity } from '../../src/detector/activity.js';
import { DetectorTime } from '../../src/detector/detector.time.js';
import { policy, SimulatedPeer } from '../support/simulation.js';

const LONG_MESSAGE = 16_384;

/** An activity that started ten ticks of 100 ms ago, and what it reads. */
function started(): { activity: Activity; peer: SimulatedPeer; time: DetectorTime } {
  const time = new DetectorTime(0, 100);
  const peer = new SimulatedPeer(policy(), 1);
  const activity = new Activity();
  activity.restart(peer, time);
  for (let real = 100; real <= 1_000; real += 100) time.advance(real);
  activity.collectInbound(peer, time.clock);
  activity.takeUnsolicited();
  return { activity, peer, time };
}

test('nothing is expected of a new connection', () => {
  const { peer, time } = started();
  const activity = new Activity();
  expect(activity.isInFrame).toBe(false);
  activity.onPong(time.clock.ticks, 0);
  activity.collectInbound(peer, time.clock);
  expect(activity.isInFrame).toBe(false);
});

test('a restart begins with the next tick, and expects nothing', () => {
  const { activity, peer, time } = started();
  peer.bytesRead = 3;
  activity.collectInbound(peer, time.clock);
  activity.onApplicationMessage(time.clock.ticks, 3 + LONG_MESSAGE);
  expect(activity.isInFrame).toBe(true);
  peer.bytesRead = 3 + LONG_MESSAGE;
  activity.restart(peer, time);
  expect([activity.isInFrame, activity.lastFrameAt, activity.lastApplicationAt]).toEqual([
    false,
    1_100,
    1_100,
  ]);
  expect([activity.lastLife(false), activity.lastLife(true)]).toEqual([1_100, 1_100]);
  activity.onPong(time.clock.ticks, peer.bytesRead);
  activity.collectInbound(peer, time.clock);
  expect(activity.isInFrame).toBe(false);
});

test('an earlier next tick moves all times that start with it, and no others', () => {
  const { activity, peer, time } = started();
  activity.restart(peer, time);
  activity.clampTo(1_040);
  expect([
    activity.lastFrameAt,
    activity.lastApplicationAt,
    activity.lastLife(true),
    activity.lastLife(false),
  ]).toEqual([1_040, 1_040, 1_040, 1_040]);
  activity.clampTo(1_090);
  expect([activity.lastFrameAt, activity.lastApplicationAt, activity.lastLife(true)]).toEqual([
    1_040, 1_040, 1_040,
  ]);
});

test('while reading is paused the client may have sent anything', () => {
  const { activity } = started();
  activity.resetIdleClocks(1_000);
  expect([activity.isInFrame, activity.takeUnsolicited(), activity.lastFrameAt]).toEqual([
    true,
    true,
    1_000,
  ]);
});

describe('a check collects the strongest sign of life', () => {
  test('nothing', () => {
    const { activity, peer, time } = started();
    expect(activity.collectInbound(peer, time.clock)).toBe('nothing');
    expect(activity.takeUnsolicited()).toBe(false);
  });

  test('bytes of a frame that is not complete', () => {
    const { activity, peer, time } = started();
    peer.bytesRead = 1;
    expect(activity.collectInbound(peer, time.clock)).toBe('frame');
    expect([activity.isInFrame, activity.takeUnsolicited(), activity.lastFrameAt]).toEqual([
      true,
      true,
      1_001,
    ]);
  });

  test('a pong, which a ping demanded', () => {
    const { activity, peer, time } = started();
    activity.onPong(time.clock.ticks, 0);
    expect(activity.collectInbound(peer, time.clock)).toBe('frame');
    expect([activity.takeUnsolicited(), activity.lastFrameAt]).toEqual([false, 1_001]);
  });

  test('a frame that answers no ping', () => {
    const { activity, peer, time } = started();
    activity.onFrame(time.clock.ticks, 0);
    expect(activity.collectInbound(peer, time.clock)).toBe('frame');
    expect([activity.takeUnsolicited(), activity.lastFrameAt]).toEqual([true, 1_001]);
  });

  test('a heartbeat message', () => {
    const { activity, peer, time } = started();
    activity.onHeartbeatMessage(time.clock.ticks, 0);
    const idle = activity.lastApplicationAt;
    expect(activity.collectInbound(peer, time.clock)).toBe('heartbeat-message');
    expect([activity.takeUnsolicited(), activity.lastLife(true)]).toEqual([true, 1_001]);
    expect(activity.lastApplicationAt).toBe(idle);
  });

  test('an application message', () => {
    const { activity, peer, time } = started();
    activity.onHeartbeatMessage(time.clock.ticks, 0);
    activity.onApplicationMessage(time.clock.ticks, 0);
    expect(activity.collectInbound(peer, time.clock)).toBe('application-message');
    expect([activity.lastLife(true), activity.lastApplicationAt]).toEqual([1_001, 1_001]);
  });
});

test.each([
  [LONG_MESSAGE - 1, false],
  [LONG_MESSAGE, true],
  [LONG_MESSAGE + 1, true],
])('after a message of %d bytes the next may be in transit: %p', (bytes, isExpected) => {
  const { activity, peer, time } = started();
  peer.bytesRead = 50_000;
  activity.onPong(time.clock.ticks, 50_000);
  activity.collectInbound(peer, time.clock);
  peer.bytesRead += bytes;
  activity.onApplicationMessage(time.clock.ticks, peer.bytesRead);
  activity.collectInbound(peer, time.clock);
  expect(activity.isInFrame).toBe(isExpected);
  activity.onPong(time.clock.ticks, peer.bytesRead);
  activity.collectInbound(peer, time.clock);
  expect(activity.isInFrame).toBe(false);
});

import { afterEach, describe, expect, it } from '@jest/globals';
import type { PresenceChange } from 'nestjs-heartbeat/presence';
import { type HeartbeatClock, HeartbeatTestClock } from 'nestjs-heartbeat/testing';
import { systemClock } from '../../src/heartbeat.clock.js';
import { ChangeEmitter } from '../../src/presence/change.emitter.js';
import { until } from './presence.node.js';

const emitters: ChangeEmitter[] = [];

afterEach(() => {
  for (const emitter of emitters.splice(0)) emitter.stop();
});

function startEmitter(
  linger = 0,
  clock: HeartbeatClock = systemClock,
  isOutOfTouch?: () => boolean,
) {
  const emissions: (PresenceChange & { at: number })[] = [];
  const emit = (change: PresenceChange) => emissions.push({ ...change, at: performance.now() });
  const emitter = new ChangeEmitter('online', linger, emit, clock, isOutOfTouch);
  emitters.push(emitter);
  const all = (way: 'joined' | 'left') => emissions.flatMap((change) => change[way]);
  return { emitter, emissions, all };
}

const KEYS = Array.from({ length: 2_500 }, (_, index) => `k${index}`);

describe('ChangeEmitter', () => {
  it('emits at most ten times a second, and 1 000 keys each way', async () => {
    const { emitter, emissions, all } = startEmitter();
    for (const key of KEYS) emitter.onPresent(key);
    await until(() => all('joined').length === KEYS.length);
    for (const key of KEYS) emitter.onAbsent(key, 0);
    await until(() => all('left').length === KEYS.length);
    expect(new Set(all('joined')).size).toBe(KEYS.length);
    expect(new Set(all('left')).size).toBe(KEYS.length);
    expect(emissions).toHaveLength(6);
    for (const { joined, left } of emissions) {
      expect(Math.max(joined.length, left.length)).toBeLessThanOrEqual(1_000);
    }
    const gaps = emissions.slice(1).map(({ at }, index) => at - (emissions[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99);
  });

  it('does not report a key that comes and goes between two emissions', async () => {
    const { emitter, emissions, all } = startEmitter();
    emitter.onPresent('first');
    await until(() => emissions.length === 1);
    emitter.onPresent('short');
    emitter.onAbsent('short', 0);
    emitter.onAbsent('first', 0);
    emitter.onPresent('first');
    emitter.onPresent('last');
    await until(() => all('joined').includes('last'));
    expect(all('joined')).toEqual(['first', 'last']);
    expect(all('left')).toEqual([]);
  });

  it('counts the time for which a key is absent already', async () => {
    const { emitter, all } = startEmitter(60_000);
    emitter.onPresent('k');
    await until(() => all('joined').length === 1);
    emitter.onAbsent('k', 60_000);
    await until(() => all('left').length === 1);
  });

  it('reports no key as left while it is held', async () => {
    const { emitter, all } = startEmitter();
    for (const key of ['away', 'back']) emitter.onPresent(key);
    await until(() => all('joined').length === 2);
    emitter.hold(true);
    for (const key of ['away', 'back']) emitter.onAbsent(key, 0);
    emitter.onPresent('other');
    await until(() => all('joined').includes('other'));
    emitter.onPresent('back');
    emitter.hold(false);
    await until(() => all('left').length > 0);
    expect(all('left')).toEqual(['away']);
    expect(all('joined')).toEqual(['away', 'back', 'other']);
  });

  it('reads after a stall what has arrived meanwhile, before it reports a key as left', async () => {
    const clock = new HeartbeatTestClock();
    const { emitter, all } = startEmitter(1_000, clock);
    for (const key of ['away', 'back']) emitter.onPresent(key);
    await clock.advance(100);
    for (const key of ['away', 'back']) emitter.onAbsent(key, 0);
    await clock.stall(5_000);
    emitter.onPresent('back');
    await clock.advance(100);
    expect(all('left')).toEqual(['away']);
  });

  it('reports no key as left while its node is out of touch', async () => {
    const clock = new HeartbeatTestClock();
    let isOutOfTouch = true;
    const { emitter, all } = startEmitter(0, clock, () => isOutOfTouch);
    emitter.onPresent('k');
    await clock.advance(100);
    emitter.onAbsent('k', 0);
    await clock.advance(1_000);
    isOutOfTouch = false;
    emitter.hold(true);
    expect(all('left')).toEqual([]);
    emitter.hold(false);
    await clock.advance(0);
    expect(all('left')).toEqual(['k']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { LogRecorder } from '../support/log-recorder.js';
import { FaultyStore } from './faulty.store.js';
import {
  idOf,
  keysOf,
  QUICK_PRESENCE,
  startNode,
  startNodeNow,
  until,
  untilPresent,
} from './presence.node.js';

const unavailable = { code: 'PRESENCE_UNAVAILABLE', name: 'PresenceUnavailableError' };
/** The longest time until a store that lost data is whole. Milliseconds. */
const HEALING = 1.1 * QUICK_PRESENCE.renew + 1_000;

describe('a store that is away', () => {
  it('rejects queries with the cause, closes no client, and is filled when it is back', async () => {
    const store = new FaultyStore();
    const logger = new LogRecorder();
    // The last application's logger is that of the process.
    const b = await startNode({ store });
    const a = await startNode({ store, logger });
    const before = await a.join('before');
    await untilPresent(b, 'before');
    const changes = b.record();
    await b.presence.list();
    store.fail();
    await until(() => a.presence.state === 'stale');
    await expect(b.presence.isPresent('before')).rejects.toMatchObject({
      ...unavailable,
      cause: { message: 'The store is away.' },
    });
    await expect(a.presence.list()).rejects.toMatchObject(unavailable);
    await expect(a.presence.count()).rejects.toMatchObject(unavailable);
    await expect(a.presence.nodes()).rejects.toMatchObject(unavailable);
    await expect(a.presence.disconnect('before')).rejects.toMatchObject(unavailable);
    expect(await a.presence.isPresent('before')).toBe(true);
    const meanwhile = await a.join('meanwhile');
    expect(await a.presence.isPresent('meanwhile')).toBe(true);
    const left = await a.join('left');
    a.presence.untrack(left.peer);
    const failed = store.commands.length;
    await until(() => store.commands.length >= failed + 6, 'three renewals of each node failed');
    // One of each node in ten seconds.
    expect(logger.of('warn', 'Presence is not current')).toHaveLength(2);
    store.work();
    await untilPresent(b, 'meanwhile');
    await until(() => a.presence.state === 'current' && b.presence.state === 'current');
    expect(await keysOf(b.presence)).toEqual(['before', 'meanwhile']);
    for (const client of [before, meanwhile]) expect(a.liveness.isAlive(client.peer)).toBe(true);
    await until(() => changes.events.length > 0);
    expect(changes.events).toEqual(['+meanwhile']);
  });

  it('does not keep an application from starting', async () => {
    const store = new FaultyStore();
    store.hang();
    const node = await startNodeNow({ store });
    expect(node.presence.state).toBe('stale');
    const changes = node.record();
    await node.join('ann');
    await expect(node.presence.list()).rejects.toMatchObject(unavailable);
    store.work();
    await until(() => node.presence.state === 'current');
    expect(await keysOf(node.presence)).toEqual(['ann']);
    expect(changes.events.filter((event) => event !== '+ann')).toEqual([]);
  });

  it('gets at most 1 000 commands that are unanswered, and later ones reject at once', async () => {
    const store = new FaultyStore();
    const node = await startNode({ store });
    store.hang();
    const start = performance.now();
    const asked = Array.from({ length: 3_000 }, (_, index) =>
      node.presence.isPresent(`k${index}`).catch((error: unknown) => error),
    );
    const errors = await Promise.all(asked);
    expect(performance.now() - start).toBeLessThan(QUICK_PRESENCE.deadline + 2_000);
    const codes = new Set(errors.map((error) => (error as { code: string }).code));
    expect([...codes]).toEqual([unavailable.code]);
    await until(() => node.presence.state === 'stale');
    expect(store.mostUnanswered).toBeLessThanOrEqual(1_000);
    store.work();
    await until(() => node.presence.state === 'current');
  });

  it('is filled again after it lost all data, and no key is reported as left', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const keys = Array.from({ length: 700 }, (_, index) => `k${String(index).padStart(4, '0')}`);
    const { peer } = await a.connect('/chat');
    for (const key of keys) a.presence.track(peer, key, { topic: key });
    for (const key of keys.slice(0, 20)) await a.join(key, { meta: { key } });
    await until(async () => (await b.presence.count()) === 20);
    const changes = b.record();
    await b.presence.list();
    const lostAt = performance.now();
    await store.loseData();
    await until(async () => (await b.presence.count()) === 20);
    await until(() => b.presence.isPresent('k0699', 'k0699'));
    expect(performance.now() - lostAt).toBeLessThan(HEALING + 500);
    const { entries } = await b.presence.list('online', { limit: 1 });
    expect(entries).toEqual([{ key: 'k0000', on: [{ node: a.id, meta: { key: 'k0000' } }] }]);
    await until(() => a.presence.state === 'current' && b.presence.state === 'current');
    await a.join('witness');
    await until(() => changes.events.includes('+witness'));
    expect(changes.events).toEqual(['+witness']);
  });

  it('is asked by exclusive clients again after it was away, and one of them stays', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const older = await a.join('ann');
    await untilPresent(b, 'ann');
    store.fail(idOf(b));
    const newer = await b.join('ann', { exclusive: true });
    await until(() => b.presence.state === 'stale');
    expect(a.liveness.isAlive(older.peer)).toBe(true);
    store.work();
    expect(await older.closed).toMatchObject({ code: 4411 });
    expect(b.liveness.isAlive(newer.peer)).toBe(true);
  });

  it('closes older clients of an exclusive one also where it lost the data of its node', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const older = await a.join('ann');
    await b.join('ben');
    await untilPresent(a, 'ben');
    store.fail(idOf(b));
    await b.join('ann', { exclusive: true });
    await until(() => b.presence.state === 'stale');
    await store.loseDataOf(idOf(b));
    store.work();
    expect(await older.closed).toMatchObject({ code: 4411 });
    await until(async () => (await a.presence.count()) === 2);
  });
});

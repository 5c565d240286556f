import { describe, expect, it } from '@jest/globals';
import { FaultyStore } from './faulty.store.js';
import { idOf, startNode, until, untilPresent } from './presence.node.js';

describe('a store that loses the key of an older client', () => {
  it('closes it for an exclusive one that is written before the key is back', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const older = await a.join('ann');
    await untilPresent(b, 'ann');
    store.fail(idOf(a));
    await store.loseData();
    const newer = await b.join('ann', { exclusive: true });
    await until(async () => (await b.presence.count()) === 1, 'the newer one is stored');
    expect(a.liveness.isAlive(older.peer)).toBe(true);
    store.work();
    expect(await older.closed).toMatchObject({ code: 4411 });
    expect(b.liveness.isAlive(newer.peer)).toBe(true);
  });

  it('closes it for an exclusive one that was pending meanwhile', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const older = await a.join('ann');
    await untilPresent(b, 'ann');
    store.fail();
    const newer = await b.join('ann', { exclusive: true });
    await until(() => a.presence.state === 'stale' && b.presence.state === 'stale');
    await store.loseData();
    store.fail(idOf(a));
    await until(() => b.presence.state === 'current');
    expect(a.liveness.isAlive(older.peer)).toBe(true);
    store.work();
    expect(await older.closed).toMatchObject({ code: 4411 });
    expect(b.liveness.isAlive(newer.peer)).toBe(true);
  });
});

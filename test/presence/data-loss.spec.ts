import { describe, expect, it } from '@jest/globals';
import { FaultyStore } from './faulty.store.js';
import { idOf, startNode, until, untilPresent } from './presence.node.js';

/** Renewals come so late that a loss is not noticed before the test has gone on. */
const LATE = { lease: 6_000, renew: 2_000, linger: 0 };

describe('a store that loses data', () => {
  it.each(['all nodes', 'one node'])(
    'of %s makes no key leave, although linger ends before a renewal shows it',
    async (whose) => {
      const store = new FaultyStore();
      const [a, b] = [await startNode({ ...LATE, store }), await startNode({ ...LATE, store })];
      const changes = a.record();
      await a.presence.list();
      await b.join('ann');
      await until(() => changes.events.includes('+ann'));
      store.loseMessages();
      await b.join('lost');
      await untilPresent(a, 'lost');
      await (whose === 'all nodes' ? store.loseData() : store.loseDataOf(idOf(b)));
      store.work();
      // It shows that a message is missing, so the node reads what the store has left.
      await b.join('ben');
      await until(() => changes.events.includes('+ben'));
      await until(async () => (await a.presence.count()) === 3, 'the store is whole');
      await until(() => changes.events.includes('+lost'));
      expect(changes.events.toSorted()).toEqual(['+ann', '+ben', '+lost']);
    },
  );

  it('reports own keys as joined that list() lacked', async () => {
    const store = new FaultyStore();
    const node = await startNode({ ...LATE, store });
    await node.join('ann');
    await until(async () => (await node.presence.count()) === 1);
    await store.loseData();
    const changes = node.record();
    const { entries } = await node.presence.list();
    expect(entries).toEqual([]);
    await until(() => changes.events.includes('+ann'));
  });

  it('has its rewritten data read at once, although a read was in progress', async () => {
    const store = new FaultyStore();
    const a = await startNode({ ...LATE, store });
    const b = await startNode({ store });
    const changes = a.record();
    await a.presence.list();
    store.loseMessages();
    await b.join('lost');
    await untilPresent(a, 'lost');
    store.work();
    const release = store.holdNextAnswer('read');
    const reads = store.commands.filter((name) => name === 'read').length;
    await b.join('ben');
    await until(() => store.commands.filter((name) => name === 'read').length > reads);
    await store.loseDataOf(idOf(b));
    store.fail(idOf(b));
    await b.join('new');
    await until(() => b.presence.state === 'stale');
    store.work();
    await until(() => b.presence.state === 'current');
    release();
    const releasedAt = performance.now();
    await until(() => changes.events.includes('+new'));
    expect(changes.timeOf('+new') - releasedAt).toBeLessThan(LATE.renew / 2);
  });

  it('reports the keys of a node that is gone as left, although a read found nothing of it', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store, lease: 900 }), await startNode({ store, lease: 900 })];
    await b.join('ann');
    await untilPresent(a, 'ann');
    const changes = a.record();
    await a.presence.list();
    store.loseMessages();
    await b.join('lost');
    await untilPresent(a, 'lost');
    store.work();
    const release = store.holdNext('read');
    const reads = store.commands.filter((name) => name === 'read').length;
    await b.join('ben');
    await until(() => store.commands.filter((name) => name === 'read').length > reads);
    store.loseMessages();
    await b.close();
    release();
    await until(() => changes.events.includes('-ann'));
  });
});

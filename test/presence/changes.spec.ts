import { describe, expect, it } from '@jest/globals';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { FaultyStore } from './faulty.store.js';
import { idOf, QUICK_PRESENCE, startNode, until, untilPresent } from './presence.node.js';

/** A timer of the process can fire up to 1 ms before its time. Milliseconds. */
const TOLERANCE = 2;

describe('changes()', () => {
  it('reports keys of all nodes as joined at once, and as left after linger', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    await a.join('before');
    await untilPresent(b, 'before');
    const changes = b.record();
    await b.presence.list();
    const onA = await a.join('ann');
    const onB = await b.join('ann');
    await until(() => changes.events.includes('+ann'));
    onA.socket.close();
    await onA.closed;
    await until(async () => (await a.presence.list()).entries[0]?.on.length === 1);
    const leftAt = performance.now();
    b.presence.untrack(onB.peer);
    await until(() => changes.events.includes('-ann'));
    expect(changes.events).toEqual(['+ann', '-ann']);
    expect(changes.timeOf('-ann') - leftAt).toBeGreaterThanOrEqual(
      QUICK_PRESENCE.linger - TOLERANCE,
    );
  });

  it('does not report a key that moves to another node in time', async () => {
    const store = new MemoryPresenceStore();
    const settings = { store, linger: 2_000 };
    const [a, b] = [await startNode(settings), await startNode(settings)];
    const changes = a.record();
    const other = b.record();
    await Promise.all([a.presence.list(), b.presence.list()]);
    const first = await a.join('ann');
    await until(() => changes.events.includes('+ann') && other.events.includes('+ann'));
    a.presence.untrack(first.peer);
    await untilPresent(b, 'ann', false);
    const second = await b.join('ann');
    const last = await b.join('ben');
    await until(() => changes.events.includes('+ben'));
    b.presence.untrack(last.peer);
    await until(() => changes.events.includes('-ben'));
    expect(changes.events).toEqual(['+ann', '+ben', '-ben']);
    b.presence.untrack(second.peer);
    await until(() => other.events.includes('-ann'));
    expect(other.events.filter((event) => event.endsWith('ann'))).toEqual(['+ann', '-ann']);
  });

  it('reports a key that returns during linger to a subscriber that did not list it', async () => {
    const node = await startNode({ linger: 2_000 });
    const early = node.record();
    await node.presence.list();
    const { peer } = await node.join('ann');
    await until(() => early.events.includes('+ann'));
    node.presence.untrack(peer);
    await until(async () => (await node.presence.count()) === 0);
    const late = node.record();
    expect((await node.presence.list()).entries).toEqual([]);
    node.presence.track(peer, 'ann');
    await until(() => late.events.includes('+ann'));
    expect(early.events).toEqual(['+ann']);
  });

  it('lets no change fall between the subscription and list()', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const { peer } = await a.connect('/chat');
    let count = 0;
    const timer = setInterval(() => a.presence.track(peer, 'k', { topic: `t${count++ % 50}` }), 1);
    try {
      for (let round = 0; round < 50; round++) {
        const topic = `t${round}`;
        const changes = b.record(topic);
        const { entries } = await b.presence.list(topic);
        if (entries.length === 0) await until(() => changes.events.includes('+k'));
      }
    } finally {
      clearInterval(timer);
    }
  });

  it('reports no key as left that comes back while the store is away', async () => {
    const store = new FaultyStore();
    const settings = { store, linger: 1_500, deadline: 200 };
    const [a, b] = [await startNode(settings), await startNode(settings)];
    const changes = a.record();
    await a.presence.list();
    const first = await a.join('ann');
    await until(() => changes.events.includes('+ann'));
    a.presence.untrack(first.peer);
    await untilPresent(b, 'ann', false);
    const absentAt = performance.now();
    store.fail();
    await b.join('ann');
    await until(() => a.presence.state === 'stale');
    await until(() => performance.now() > absentAt + 2 * settings.linger);
    store.work();
    await untilPresent(a, 'ann');
    await b.join('ben');
    await until(() => changes.events.includes('+ben'));
    expect(changes.events).toEqual(['+ann', '+ben']);
  });

  it('makes list() wait until later changes are reported', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const release = store.holdNext('read');
    const changes = b.record();
    await until(() => store.commands.includes('read'));
    const listed = b.presence.list();
    await a.join('ann');
    await untilPresent(b, 'ann');
    release();
    const { entries } = await listed;
    expect([...entries.map(({ key }) => `+${key}`), ...changes.events]).toContain('+ann');
  });

  it('makes up for lost messages within two renewals', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const changes = b.record();
    await b.presence.list();
    const gone = await a.join('gone');
    await until(() => changes.events.includes('+gone'));
    store.loseMessages();
    await a.join('ann');
    a.presence.untrack(gone.peer);
    await untilPresent(b, 'gone', false);
    await until(() => changes.events.length === 3);
    expect(changes.events.toSorted()).toEqual(['+ann', '+gone', '-gone']);
  });

  it('reports the keys of a dead node after its lease, and of one that comes back once', async () => {
    const store = new FaultyStore();
    const settings = { store, lease: 900 };
    const [a, b] = [await startNode(settings), await startNode(settings)];
    await a.join('ann');
    await untilPresent(b, 'ann');
    const changes = b.record();
    await b.presence.list();
    store.hang(idOf(a));
    const diedAt = performance.now();
    await until(() => changes.events.includes('-ann'));
    // Its last renewal was at most 1.1 renew before.
    const earliest = settings.lease - 1.1 * QUICK_PRESENCE.renew + QUICK_PRESENCE.linger;
    expect(changes.timeOf('-ann') - diedAt).toBeGreaterThanOrEqual(earliest - TOLERANCE);
    store.work();
    await until(() => changes.events.includes('+ann'));
    expect(changes.events).toEqual(['-ann', '+ann']);
  });

  it('counts a missing lease only after renewals of a whole lease of its own', async () => {
    const store = new FaultyStore();
    const a = await startNode({ store, lease: 900 });
    const { peer } = await a.connect('/chat');
    const startedAt = performance.now();
    const b = await startNode({ store, lease: 3_000, linger: 0 });
    a.presence.track(peer, 'ann');
    await untilPresent(b, 'ann');
    const changes = b.record();
    expect((await b.presence.list()).entries).toHaveLength(1);
    store.hang(idOf(a));
    await untilPresent(b, 'ann', false);
    await until(() => changes.events.includes('-ann'));
    expect(changes.timeOf('-ann') - startedAt).toBeGreaterThanOrEqual(3_000);
    store.work();
  });

  it('completes on shutdown, and at once after it', async () => {
    const node = await startNode();
    const changes = node.record();
    expect(changes.isCompleted).toBe(false);
    await node.close();
    expect(changes.isCompleted).toBe(true);
    expect(node.record().isCompleted).toBe(true);
  });
});

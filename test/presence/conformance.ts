import assert from 'node:assert/strict';
import type {
  PresenceBatch,
  PresenceItem,
  PresenceMessage,
  PresenceOrder,
  PresenceSession,
  PresenceStore,
} from 'nestjs-heartbeat/presence';
import { batchOf, Member, openMembers, wait } from './conformance.member.js';

/** A store for one case, empty, and how to release it. */
export interface PresenceStoreFixture {
  readonly store: PresenceStore;
  close?(): Promise<void> | void;
}

/** One demand on a store. `run` rejects if the store does not meet it. */
export interface PresenceStoreCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

type Case = (store: PresenceStore) => Promise<void>;

/** Long enough that it does not end within a case. Milliseconds. */
const LEASE = 60_000;
/** Short enough to wait for its end. Milliseconds. */
const SHORT_LEASE = 200;
const TOPIC = 'online';

/** The demands on every store, in the form of cases for any test runner. Each runs on a store of its own. */
export function presenceStoreConformance(
  create: () => PresenceStoreFixture | Promise<PresenceStoreFixture>,
): PresenceStoreCase[] {
  return Object.entries(CASES).map(([name, demand]) => ({
    name,
    run: async () => {
      const fixture = await create();
      try {
        await demand(fixture.store);
      } finally {
        await fixture.close?.();
      }
    },
  }));
}

const order = (from: string, key: string, id = 'order-1'): PresenceOrder => ({
  id,
  from,
  topic: TOPIC,
  key,
  code: 1000,
  reason: 'bye',
});

const keysOf = async (session: PresenceSession, topic = TOPIC, limit = 1_000) =>
  (await session.read(topic, { limit })).flatMap(({ items }) => items.map(([key]) => key));

const put = (...keys: string[]): PresenceItem[] => keys.map((key) => ({ topic: TOPIC, key }));

const write = (session: PresenceSession, version: number, batch: Partial<PresenceBatch>) =>
  session.write(batchOf(version, batch));

const ownState = async ({ session, id }: Member) => {
  const { nodes } = await session.renew(LEASE, false);
  const own = nodes.find((node) => node.id === id);
  assert.ok(own, 'renew() returns the own node');
  return own;
};

/** Keys that a store which builds patterns, separators or scripts from them confuses. */
const HOSTILE = [
  '*',
  '?',
  '[a]',
  '{tag}',
  ':',
  'a\nb',
  'a b',
  '"',
  "'",
  '\\',
  '\0',
  'a\0b',
  '+',
  '-',
  '(a',
  '[a',
  '__proto__',
  'constructor',
  'é',
  'e\u0301',
  '\u{10ffff}',
  '\uffff',
  '😀',
  ' ',
  '0',
  '-1',
  'x'.repeat(1_024),
];

const CASES: Record<string, Case> = {
  'renew() reports the own node, and that the lease was held from the second time on': async (
    store,
  ) => {
    const a = new Member(store, 'a');
    const first = await a.session.renew(LEASE, false);
    const second = await a.session.renew(LEASE, true);
    assert.equal(first.held, false);
    assert.equal(second.held, true);
    assert.deepEqual(first.orders, []);
    assert.ok(second.now >= first.now);
    const [own, ...others] = second.nodes;
    assert.deepEqual(others, []);
    assert.equal(own?.id, a.id);
    assert.equal(own?.draining, true);
    assert.equal(own?.version, undefined);
    assert.equal(own?.keys, 0);
    assert.ok(own !== undefined && own.leaseLeft > LEASE - 5_000 && own.leaseLeft <= LEASE);
  },

  'renew() counts entries and metas over all topics, with the version': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, {
      put: [...put('k', 'l'), { topic: 'other', key: 'k', meta: '1' }],
    });
    const { version, keys, metas } = await ownState(a);
    assert.deepEqual({ version, keys, metas }, { version: 1, keys: 3, metas: 1 });
    await write(a.session, 2, { put: put('k'), remove: [['other', 'k']] });
    const after = await ownState(a);
    assert.deepEqual([after.version, after.keys, after.metas], [2, 2, 0]);
  },

  'the version stays when the last entry is removed': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, { put: put('k') });
    await write(a.session, 2, { remove: [[TOPIC, 'k']] });
    const { version, keys } = await ownState(a);
    assert.deepEqual({ version, keys }, { version: 2, keys: 0 });
  },

  'a batch whose version is not above the stored one changes nothing': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 5, { put: put('k') });
    await write(a.session, 5, { put: put('l') });
    await write(a.session, 4, { remove: [[TOPIC, 'k']] });
    assert.deepEqual(await keysOf(a.session), ['k']);
    assert.equal((await ownState(a)).version, 5);
  },

  'find(), read() and count() see the entries of all nodes': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await write(a.session, 1, { put: [{ topic: TOPIC, key: 'k', meta: '{"on":"a"}' }] });
    await write(b.session, 1, { put: put('k', 'l') });
    assert.deepEqual((await a.session.find(TOPIC, 'k')).toSorted(), [a.id, b.id].toSorted());
    assert.deepEqual(await a.session.find(TOPIC, 'l'), [b.id]);
    assert.deepEqual(await a.session.find(TOPIC, 'm'), []);
    assert.deepEqual(await a.session.find('other', 'k'), []);
    assert.equal(await b.session.count(TOPIC), 2);
    assert.equal(await b.session.count('other'), 0);
    const pages = await b.session.read(TOPIC, { limit: 10 });
    const items = new Map(pages.map(({ node, items: page }) => [node, page]));
    assert.deepEqual(items.get(a.id), [['k', '{"on":"a"}']]);
    assert.deepEqual(items.get(b.id), [['k'], ['l']]);
  },

  'read() pages by UTF-8 bytes, per node': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    const keys = ['a', 'b', 'é', '\uffff', '😀', '\u{10ffff}'];
    await write(a.session, 1, { put: put(...keys.toReversed()) });
    await write(b.session, 1, { put: put('c') });
    const pages = await b.session.read(TOPIC, { limit: 4, node: a.id });
    assert.deepEqual(pages, [
      { node: a.id, version: 1, items: keys.slice(0, 4).map((key) => [key]) },
    ]);
    const rest = await b.session.read(TOPIC, { limit: 4, after: '\uffff' });
    const items = new Map(rest.map(({ node, items: page }) => [node, page]));
    assert.deepEqual(items.get(a.id), [['😀'], ['\u{10ffff}']]);
    assert.deepEqual(items.get(b.id), [], 'a node without an entry in the page is listed');
  },

  'keys and meta of any characters come back as they were': async (store) => {
    const [a] = await openMembers(store, 'a');
    const items = HOSTILE.map((key) => ({ topic: TOPIC, key, meta: JSON.stringify(key) }));
    await write(a.session, 1, { put: items });
    const [page] = await a.session.read(TOPIC, { limit: 1_000 });
    const sorted = HOSTILE.toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    assert.deepEqual(
      page?.items,
      sorted.map((key) => [key, JSON.stringify(key)]),
    );
    for (const key of HOSTILE) assert.deepEqual(await a.session.find(TOPIC, key), [a.id], key);
    await write(a.session, 2, { remove: HOSTILE.map((key) => [TOPIC, key] as const) });
    assert.deepEqual(await keysOf(a.session), []);
    assert.equal((await ownState(a)).keys, 0);
  },

  'a topic is not found through another whose name begins with it': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, {
      put: [
        { topic: 'r', key: 'k' },
        { topic: 'room', key: 'l' },
      ],
    });
    assert.deepEqual(await keysOf(a.session, 'r'), ['k']);
    assert.equal(await a.session.count('r'), 1);
    assert.deepEqual(await keysOf(a.session, 'roo'), []);
  },

  'a put replaces the meta of an entry': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, { put: [{ topic: TOPIC, key: 'k', meta: '1' }] });
    await write(a.session, 2, { put: put('k') });
    const [page] = await a.session.read(TOPIC, { limit: 1 });
    assert.deepEqual(page?.items, [['k']]);
    assert.equal((await ownState(a)).metas, 0);
  },

  'a rewrite replaces all data, and is visible with its last part': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, { put: [...put('old'), { topic: 'other', key: 'old' }] });
    await write(a.session, 2, { part: 'first', put: put('k') });
    await write(a.session, 2, { part: 'more', put: [{ topic: TOPIC, key: 'l', meta: '2' }] });
    assert.deepEqual(await keysOf(a.session), ['old']);
    assert.equal((await ownState(a)).version, 1);
    await write(a.session, 2, { part: 'last', put: put('m') });
    assert.deepEqual(await keysOf(a.session), ['k', 'l', 'm']);
    assert.deepEqual(await keysOf(a.session, 'other'), []);
    const { version, keys, metas } = await ownState(a);
    assert.deepEqual({ version, keys, metas }, { version: 2, keys: 3, metas: 1 });
  },

  'an unfinished rewrite is discarded by the next one': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, { part: 'first', put: put('lost') });
    await write(a.session, 2, { part: 'first', put: put('k') });
    await write(a.session, 1, { part: 'last', put: [] });
    assert.deepEqual(await keysOf(a.session), []);
    await write(a.session, 2, { part: 'last', put: [] });
    assert.deepEqual(await keysOf(a.session), ['k']);
    await write(a.session, 3, { part: 'last', put: put('alone') });
    assert.deepEqual(await keysOf(a.session), ['k'], 'a last part without its first');
  },

  'a rewrite can leave nothing': async (store) => {
    const [a] = await openMembers(store, 'a');
    await write(a.session, 1, { put: put('k') });
    await write(a.session, 2, { part: 'first' });
    await write(a.session, 2, { part: 'last' });
    assert.deepEqual(await keysOf(a.session), []);
    const { version, keys } = await ownState(a);
    assert.deepEqual({ version, keys }, { version: 2, keys: 0 });
  },

  'a node whose lease ended is hidden, and comes back with its next renewal': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await write(a.session, 1, { put: put('k') });
    await a.session.renew(SHORT_LEASE, false);
    await wait(SHORT_LEASE + 50);
    assert.deepEqual(await b.session.find(TOPIC, 'k'), []);
    assert.equal(await b.session.count(TOPIC), 0);
    assert.deepEqual(await keysOf(b.session), []);
    const [page] = await b.session.read(TOPIC, { limit: 1, node: a.id });
    assert.deepEqual(page?.items, [['k']], 'read() of one node does not ask for its lease');
    const { nodes } = await b.session.renew(LEASE, false);
    assert.ok((nodes.find(({ id }) => id === a.id)?.leaseLeft ?? 1) <= 0);
    assert.equal((await a.session.renew(LEASE, false)).held, false);
    assert.deepEqual(await b.session.find(TOPIC, 'k'), [a.id]);
  },

  'a node dead for ten leases is dropped': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await write(a.session, 1, { put: put('k') });
    await a.session.renew(20, false);
    await wait(20 + 10 * 20 + 100);
    const { nodes } = await b.session.renew(20, false);
    assert.deepEqual(
      nodes.map(({ id }) => id),
      [b.id],
    );
    assert.deepEqual(await b.session.read(TOPIC, { limit: 1, node: a.id }), []);
  },

  'order() stores an order for each holder and sends it, with the version up to which it holds':
    async (store) => {
      const [a, b, c] = await openMembers(store, 'a', 'b', 'c');
      await write(a.session, 3, { put: put('k') });
      await write(b.session, 7, { put: put('k') });
      await write(c.session, 1, { put: put('l') });
      const { now } = await a.session.renew(LEASE, false);
      const holders = await a.session.order(order(a.id, 'k'), now + 10_000);
      assert.deepEqual(holders.toSorted(), [a.id, b.id].toSorted());
      const sent = await b.next('order');
      assert.deepEqual(sent.order, { ...order(a.id, 'k'), upTo: 7 });
      const renewal = await b.session.renew(LEASE, false);
      assert.deepEqual(renewal.orders, [{ ...order(a.id, 'k'), upTo: 7 }]);
      assert.deepEqual((await b.session.renew(LEASE, false)).orders, [], 'returned once');
      assert.deepEqual((await c.session.renew(LEASE, false)).orders, []);
    },

  'order() reaches a holder whose lease has ended, with its next renewal': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await write(b.session, 1, { put: put('k') });
    await b.session.renew(SHORT_LEASE, false);
    await wait(SHORT_LEASE + 50);
    const { now } = await a.session.renew(LEASE, false);
    assert.deepEqual(await a.session.order(order(a.id, 'k'), now + 10_000), [b.id]);
    const { orders } = await b.session.renew(LEASE, false);
    assert.deepEqual(
      orders.map(({ id }) => id),
      ['order-1'],
    );
  },

  'order() stores nothing after its end of validity': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await write(b.session, 1, { put: put('k') });
    const { now } = await a.session.renew(LEASE, false);
    assert.deepEqual(await a.session.order(order(a.id, 'k'), now - 1), []);
    assert.deepEqual((await b.session.renew(LEASE, false)).orders, []);
  },

  'acknowledge() tells the node that gave the order': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await b.session.acknowledge(a.id, 'order-1', 2);
    const { order: id, node, closed } = await a.next('acknowledged');
    assert.deepEqual({ id, node, closed }, { id: 'order-1', node: b.id, closed: 2 });
  },

  'an exclusive put orders every other holder to close, with their versions': async (store) => {
    const [a, b, c] = await openMembers(store, 'a', 'b', 'c');
    await write(a.session, 4, { put: put('k') });
    await write(b.session, 2, { put: put('l') });
    const exclusive = { code: 4411, reason: 'replaced "é"' };
    await write(c.session, 1, { put: [{ topic: TOPIC, key: 'k', meta: '1', exclusive }] });
    const { order: sent } = await a.next('order');
    assert.deepEqual(
      { ...sent, id: '' },
      { id: '', from: c.id, topic: TOPIC, key: 'k', ...exclusive, upTo: 4 },
    );
    assert.deepEqual((await a.session.renew(LEASE, false)).orders, [sent]);
    assert.deepEqual((await b.session.renew(LEASE, false)).orders, []);
    assert.deepEqual((await c.session.renew(LEASE, false)).orders, []);
    assert.deepEqual((await b.session.find(TOPIC, 'k')).toSorted(), [a.id, c.id].toSorted());
  },

  'of two exclusive puts the last one stays': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    const exclusive = { code: 4411, reason: '' };
    const item = { topic: TOPIC, key: 'k', exclusive };
    await Promise.all([write(a.session, 1, { put: [item] }), write(b.session, 1, { put: [item] })]);
    const orders = await Promise.all(
      [a, b].map(async ({ session }) => (await session.renew(LEASE, false)).orders.length),
    );
    assert.equal(
      orders.reduce((sum, count) => sum + count),
      1,
    );
  },

  'watch() reports the changes of other nodes, with their versions': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await a.session.watch();
    await write(b.session, 1, { put: [{ topic: TOPIC, key: 'k\0', meta: '1' }] });
    const joined = await a.next('changed');
    assert.deepEqual(joined, {
      type: 'changed',
      node: b.id,
      version: 1,
      put: [[TOPIC, 'k\0']],
      remove: [],
    });
    await write(b.session, 2, { remove: [[TOPIC, 'k\0']] });
    const left = await a.next('changed');
    assert.deepEqual([left.version, left.put, left.remove], [2, [], [[TOPIC, 'k\0']]]);
    await write(b.session, 3, { part: 'first', put: put('l') });
    await write(b.session, 3, { part: 'last' });
    assert.deepEqual(await a.next('rewritten'), { type: 'rewritten', node: b.id, version: 3 });
    await write(b.session, 3, { put: put('m') });
    await b.session.close();
    assert.deepEqual(await a.next('gone'), { type: 'gone', node: b.id });
    const rest = a.messages.map(({ type }: PresenceMessage) => type);
    assert.deepEqual(rest, [], 'a batch that changes nothing is not reported');
  },

  'close() removes the node, its entries and its orders': async (store) => {
    const [a, b] = await openMembers(store, 'a', 'b');
    await write(b.session, 1, { put: put('k') });
    const { now } = await a.session.renew(LEASE, false);
    await a.session.order(order(a.id, 'k'), now + 10_000);
    await b.session.close();
    assert.deepEqual(await a.session.find(TOPIC, 'k'), []);
    const { nodes } = await a.session.renew(LEASE, false);
    assert.deepEqual(
      nodes.map(({ id }) => id),
      [a.id],
    );
    assert.deepEqual(await a.session.read(TOPIC, { limit: 1, node: b.id }), []);
    await assert.rejects(async () => b.session.find(TOPIC, 'k'));
  },
};

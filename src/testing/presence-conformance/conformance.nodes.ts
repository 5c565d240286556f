import assert from 'node:assert/strict';
import type { PresenceMessage } from '../../presence/presence.store.js';
import { LEASE, openMembers, wait } from './conformance.member.js';
import { keysOf, order, put, type StoreCase, TOPIC, write } from './conformance.tools.js';

/** Short enough to wait for its end. Milliseconds. */
const SHORT_LEASE = 200;

/** Demands on leases, orders and messages. */
export const NODE_CASES: Record<string, StoreCase> = {
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

  'acknowledge() reaches the node that gave the order': async (store) => {
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

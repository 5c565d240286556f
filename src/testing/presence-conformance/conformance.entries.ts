import assert from 'node:assert/strict';
import { LEASE, Member, openMembers } from './conformance.member.js';
import { keysOf, ownState, put, type StoreCase, TOPIC, write } from './conformance.tools.js';

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

/** Demands on entries: writing, reading and rewriting. */
export const ENTRY_CASES: Record<string, StoreCase> = {
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

  'a batch behind a version that the store has lost is rejected, and changes nothing': async (
    store,
  ) => {
    const [a] = await openMembers(store, 'a');
    await assert.rejects(write(a.session, 2, { after: 1, put: put('k') }));
    await write(a.session, 3, { after: 0, put: put('k') });
    await write(a.session, 5, { after: 3, put: put('l') });
    await assert.rejects(write(a.session, 7, { after: 6, put: put('m'), remove: [[TOPIC, 'k']] }));
    assert.deepEqual(await keysOf(a.session), ['k', 'l']);
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
};

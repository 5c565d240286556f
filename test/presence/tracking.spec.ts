import { describe, expect, it } from '@jest/globals';
import { UnknownClientError } from 'nestjs-heartbeat';
import { MemoryPresenceStore, PresenceInputError } from 'nestjs-heartbeat/presence';
import { LogRecorder } from '../support/log-recorder.js';
import type { MonitoredClient } from '../support/monitored.js';
import {
  keysOf,
  type Peer,
  startNode,
  type TestNode,
  until,
  untilPresent,
} from './presence.node.js';

describe('track()', () => {
  it('makes a key present on all nodes, until its last client is gone', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const onA = await a.join('ann', { meta: { device: 'phone' } });
    const onB = await b.join('ann');
    await b.join('ben');
    await untilPresent(a, 'ben');
    const { entries } = await a.presence.list();
    expect(entries.map(({ key }) => key)).toEqual(['ann', 'ben']);
    expect(entries[0]?.on).toHaveLength(2);
    expect(entries[0]?.on).toContainEqual({ node: a.id, meta: { device: 'phone' } });
    expect(entries[0]?.on).toContainEqual({ node: b.id });
    expect(await a.presence.count()).toBe(2);
    onA.socket.close();
    await onA.closed;
    expect(await b.presence.isPresent('ann')).toBe(true);
    onB.socket.terminate();
    await untilPresent(a, 'ann', false);
    await untilPresent(b, 'ann', false);
    expect(await keysOf(a.presence)).toEqual(['ben']);
  });

  it('makes a key of its own node present at once', async () => {
    const { presence, connect } = await startNode();
    const { peer } = await connect('/chat');
    expect(presence.track(peer, 'ann')).toBe(true);
    expect(await presence.isPresent('ann')).toBe(true);
    presence.untrack(peer);
    expect(await presence.isPresent('ann')).toBe(false);
  });

  it('keeps one key per client and topic', async () => {
    const node = await startNode();
    const { peer } = await node.join('ann');
    node.presence.track(peer, 'room-key', { topic: 'room' });
    node.presence.track(peer, 'anna');
    await untilPresent(node, 'ann', false);
    expect(await node.presence.isPresent('anna')).toBe(true);
    expect(await node.presence.isPresent('room-key', 'room')).toBe(true);
    node.presence.untrack(peer, 'room');
    expect(await node.presence.isPresent('room-key', 'room')).toBe(false);
    expect(await node.presence.isPresent('anna')).toBe(true);
  });

  it('shows the meta of the client tracked last of those that remain', async () => {
    const { presence, connect } = await startNode();
    const peers = [];
    for (const meta of [1, 2, 3]) {
      const { peer } = await connect('/chat');
      presence.track(peer, 'ann', { meta });
      peers.push(peer);
    }
    const metaOf = async () => (await presence.list()).entries[0]?.on[0]?.meta;
    await until(async () => (await metaOf()) === 3);
    presence.untrack(peers[2] as Peer);
    await until(async () => (await metaOf()) === 2);
    presence.untrack(peers[0] as Peer);
    presence.track(peers[2] as Peer, 'ben');
    await untilPresent({ presence }, 'ben');
    expect(await metaOf()).toBe(2);
  });

  it('refuses what a client can cause with false and one warning', async () => {
    const logger = new LogRecorder();
    const { presence, connect } = await startNode({ logger });
    const { peer } = await connect('/chat');
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
    const refused: [unknown, object?][] = [
      [''],
      ['k'.repeat(1_025)],
      ['é'.repeat(513)],
      ['\ud800'],
      [7],
      [undefined],
      [{ toString: () => 'k' }],
      ['k', { topic: '' }],
      ['k', { topic: 't'.repeat(257) }],
      ['k', { topic: 'a\0b' }],
      ['k', { topic: '\udc00' }],
      ['k', { meta: 'm'.repeat(4_095) }],
      ['k', { meta: deep }],
    ];
    for (const [key, options] of refused) {
      expect(presence.track(peer, key as string, options)).toBe(false);
    }
    expect(logger.of('warn', 'track() refused')).toHaveLength(1);
    const accepted: [string, object?][] = [
      ['k'.repeat(1_024)],
      ['\0*:{}', { topic: 't'.repeat(256) }],
      ['__proto__', { topic: '__proto__', meta: 'm'.repeat(4_094) }],
    ];
    for (const [key, options] of accepted) expect(presence.track(peer, key, options)).toBe(true);
  });

  it('throws for a mistake of the application', async () => {
    const { presence, connect } = await startNode();
    const { peer } = await connect('/chat');
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const mistakes: unknown[] = [
      null,
      'online',
      { topic: 7 },
      { room: 'lobby' },
      { meta: 1n },
      { meta: circular },
      { meta: () => {} },
      { exclusive: 'yes' },
      { exclusive: { code: 1006 } },
      { exclusive: { reason: 'r'.repeat(124) } },
      { exclusive: { reasn: '' } },
    ];
    for (const options of mistakes) {
      expect(() => presence.track(peer, 'k', options as object)).toThrow(PresenceInputError);
    }
    expect(() => presence.track({} as typeof peer, 'k')).toThrow(UnknownClientError);
    expect(() => presence.untrack(peer, 7 as unknown as string)).toThrow(PresenceInputError);
  });

  it('returns false for a client that is gone or being closed', async () => {
    const { presence, liveness, events, connect } = await startNode();
    const { peer, socket } = await connect('/chat');
    liveness.disconnect(peer);
    expect(presence.track(peer, 'k')).toBe(false);
    const gone = events.when('disconnected', ({ client }) => client === peer);
    socket.terminate();
    await gone;
    expect(presence.track(peer, 'k')).toBe(false);
    expect(await presence.isPresent('k')).toBe(false);
  });

  it('replaces an exclusive client on the same node, and on another', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const first = await a.join('ann');
    const second = await a.join('ann', { exclusive: true });
    expect(await first.closed).toMatchObject({ code: 4411, reason: 'replaced' });
    const third = await b.join('ann', { exclusive: { code: 4000, reason: 'moved' } });
    expect(await second.closed).toMatchObject({ code: 4000, reason: 'moved' });
    expect(await b.presence.isPresent('ann')).toBe(true);
    expect(b.liveness.isAlive(third.peer)).toBe(true);
    await until(async () => (await b.presence.list()).entries[0]?.on.length === 1);
    const { entries } = await b.presence.list();
    expect(entries).toEqual([{ key: 'ann', on: [{ node: b.id }] }]);
  });

  it('leaves exactly one of many exclusive clients that come at once', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const clients: { node: TestNode; client: MonitoredClient }[] = [];
    for (let index = 0; index < 10; index++) {
      const node = index % 2 === 0 ? a : b;
      clients.push({ node, client: await node.connect('/chat') });
    }
    for (const { node, client } of clients) {
      node.presence.track(client.peer, 'ann', { exclusive: true });
    }
    const alive = () =>
      clients.filter(({ node, client }) => node.liveness.isAlive(client.peer)).length;
    await until(() => alive() === 1);
    // Whatever else is on its way arrives before the writes of a later client are answered.
    await a.join('later');
    await untilPresent(b, 'later');
    await b.presence.nodes();
    await a.presence.nodes();
    expect(alive()).toBe(1);
    await a.join('last');
    await untilPresent(b, 'last');
    expect(await a.presence.count()).toBe(3);
  });
});

describe('list()', () => {
  it('returns every key once, page by page, and refuses other pages', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const names = ['a', 'b', 'c', 'd', 'é', '\uffff', '😀'];
    for (const name of names) await a.join(name);
    await b.join('c');
    await b.join('e');
    await untilPresent(b, '😀');
    await untilPresent(a, 'e');
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await b.presence.list('online', { limit: 4, ...(cursor && { cursor }) });
      seen.push(...page.entries.map(({ key }) => key));
      cursor = page.cursor;
      pages++;
    } while (cursor !== undefined);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'é', '\uffff', '😀']);
    expect(pages).toBe(2);
    for (const page of [
      { limit: 0 },
      { limit: 1_001 },
      { limit: 1.5 },
      { cursor: '!' },
      { x: 1 },
    ]) {
      await expect(a.presence.list('online', page)).rejects.toBeInstanceOf(PresenceInputError);
    }
  });
});

describe('nodes()', () => {
  it('lists the nodes with what they hold', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    await b.join('ann');
    await untilPresent(a, 'ann');
    const nodes = await a.presence.nodes();
    expect(nodes.map(({ id, self, keys, draining }) => ({ id, self, keys, draining }))).toEqual(
      expect.arrayContaining([
        { id: a.id, self: true, keys: 0, draining: false },
        { id: b.id, self: false, keys: 1, draining: false },
      ]),
    );
    for (const { leaseLeft } of nodes) expect(leaseLeft).toBeGreaterThan(0);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import {
  Member,
  openMembers,
} from '../../../src/testing/presence-conformance/conformance.member.js';
import { Connection, endConnections } from './drivers.js';
import { batchOf, fill, itemsOf, keysFrom, readAll } from './filling.js';

const LEASE = 60_000;

requires('redis-server')('Pages of RedisPresenceStore', () => {
  let server: RedisServer;
  let connection: Connection;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    connection = Connection.to(server.port);
    await connection.command('FLUSHALL');
  });
  afterEach(endConnections);
  afterAll(stopRedis);

  const openNodes = (count: number) =>
    openMembers(connection.store, ...Array.from({ length: count }, (_, index) => `node-${index}`));

  it.each([
    ['the same keys', () => keysFrom(0, 900)],
    ['neighbouring keys', (node: number) => keysFrom(node * 900, 900)],
    ['interleaved keys', (node: number) => keysFrom(0, 9_000).filter((_, at) => at % 10 === node)],
  ])('have every key once, with more nodes than a script reads in full: %s', async (_, keysOf) => {
    const members = await openNodes(10);
    const all = new Set<string>();
    for (const [node, { session }] of members.entries()) {
      const keys = keysOf(node);
      for (const key of keys) all.add(key);
      await fill(session, keys);
    }
    const pages = await readAll((members[0] as Member).session, 1_000);
    expect(pages.flat()).toEqual([...all].toSorted());
    for (const page of pages.slice(0, -1)) expect(page).toHaveLength(1_000);
  });

  it('have every key once where metas exceed what a script returns', async () => {
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    const meta = JSON.stringify('x'.repeat(4_000));
    await a.session.write(batchOf(1, { put: itemsOf(keysFrom(0, 1_000), meta) }));
    await b.session.write(batchOf(1, { put: itemsOf(keysFrom(500, 1_000)) }));
    const pages = await readAll(a.session, 1_000);
    expect(pages).toEqual([keysFrom(0, 1_000), keysFrom(1_000, 500)]);
    const nodes = await b.session.read('online', { limit: 1_000 });
    const items = nodes.find(({ node }) => node === a.id)?.items ?? [];
    expect(items.map(([, text]) => text)).toEqual(Array.from({ length: 1_000 }, () => meta));
  });

  it('have a key once that moves between nodes meanwhile', async () => {
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    await fill(a.session, keysFrom(0, 300));
    const [moving = ''] = keysFrom(250, 1);
    let isDone = false;
    const move = async () => {
      for (let version = 10; !isDone; version += 2) {
        const [to, from] = version % 4 === 0 ? [a, b] : [b, a];
        await to.session.write(batchOf(version, { put: itemsOf([moving]) }));
        await from.session.write(batchOf(version + 1, { remove: [['online', moving]] }));
      }
    };
    const moves = move();
    for (let round = 0; round < 20; round++) {
      const keys = (await readAll(a.session, 20)).flat();
      expect(keys.filter((key) => key === moving)).toEqual([moving]);
    }
    isDone = true;
    await moves;
  });

  it('of one node do not depend on its lease', async () => {
    const [a] = await openMembers(connection.store, 'a');
    const late = new Member(connection.store, 'late');
    await late.session.write(batchOf(1, { put: itemsOf(['k']) }));
    const page = { node: 'late', version: 1, items: [['k']] };
    expect(await a.session.read('online', { limit: 1, node: 'late' })).toEqual([page]);
    expect(await a.session.find('online', 'k')).toEqual([]);
    const { nodes } = await a.session.renew(LEASE, false);
    expect(nodes.map(({ id }) => id).toSorted()).toEqual([a.id, 'late'].toSorted());
  });
});

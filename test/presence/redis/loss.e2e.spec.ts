import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { PresenceNodeState } from 'nestjs-heartbeat/presence';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import {
  Member,
  openMembers,
  wait,
} from '../../../src/testing/presence-conformance/conformance.member.js';
import { Connection, DRIVER_NAMES, endConnections } from './drivers.js';
import { batchOf, itemsOf } from './filling.js';

const LEASE = 60_000;
const ORDER = { id: 'o', from: 'b', topic: 'online', key: 'k', code: 1000, reason: '' };

const stateOf = ({ id }: Member, nodes: readonly PresenceNodeState[]) => {
  const { version, keys, metas } = nodes.find((node) => node.id === id) ?? {};
  return { version, keys, metas };
};

/** Waits until the node receives its orders at once. */
async function untilSubscribed(connection: Connection, { id }: Member): Promise<void> {
  for (;;) {
    const channels = String(await connection.command('PUBSUB', 'CHANNELS', `*:${id}`));
    if (channels.includes(id)) return;
    await wait(10);
  }
}

requires('redis-server')('A store that loses data', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    const { command } = Connection.to(server.port);
    await command('FLUSHALL');
  });
  afterEach(endConnections);
  afterAll(stopRedis);

  it('shows each deleted key with the next renewal', async () => {
    const connection = Connection.to(server.port);
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    let version = 0;
    const rewrite = async () => {
      await a.session.write(batchOf(++version, { part: 'first', put: itemsOf(['k'], '1') }));
      await a.session.write(batchOf(version, { part: 'last', put: itemsOf(['l']) }));
    };
    await rewrite();
    const names = (await connection.command('KEYS', '*')) as string[];
    const own = names.filter((name) => name.includes(a.id) || name.endsWith(':leases'));
    expect(own.map((name) => name.split(':')[1] ?? '').toSorted()).toEqual([
      'info',
      'keys',
      'leases',
      'metas',
    ]);
    for (const name of own) {
      await connection.command('DEL', name);
      const { held, nodes } = await a.session.renew(LEASE, false);
      const isWhole = { version, keys: 2, metas: 1 };
      expect({ held, ...stateOf(a, nodes) }).not.toEqual({ held: true, ...isWhole });
      await rewrite();
      await b.session.renew(LEASE, false);
      expect((await b.session.read('online', { limit: 9 }))[0]?.items).toEqual([['k', '1'], ['l']]);
    }
  });

  it('shows after FLUSHALL that all is gone, also to a batch or a rewrite in progress', async () => {
    const connection = Connection.to(server.port);
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    await a.session.write(batchOf(1, { put: itemsOf(['k', 'l'], '1') }));
    await a.session.write(batchOf(2, { part: 'first', put: itemsOf(['k', 'l'], '1') }));
    await connection.command('FLUSHALL');
    await a.session.write(batchOf(2, { part: 'last' }));
    const { held, nodes } = await a.session.renew(LEASE, false);
    expect({ held, ...stateOf(a, nodes) }).toEqual({ held: false, keys: 0, metas: 0 });
    expect((await b.session.renew(LEASE, false)).held).toBe(false);
    await a.session.write(batchOf(3, { put: itemsOf(['m']) }));
    const renewal = await a.session.renew(LEASE, false);
    expect(stateOf(a, renewal.nodes)).toEqual({ version: 3, keys: 1, metas: 0 });
  });

  it('keeps an order that the node did not receive', async () => {
    const connection = Connection.to(server.port);
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    await a.session.write(batchOf(1, { put: itemsOf(['k']) }));
    const { now } = await b.session.renew(LEASE, false);
    await b.session.order(ORDER, now + 10_000);
    // The reply of this renewal is lost with its connection.
    const lost = Connection.to(server.port);
    const other = lost.store.open(a.id, () => {});
    await other.renew(LEASE, false);
    lost.end();
    expect((await a.session.renew(LEASE, false)).orders).toHaveLength(1);
    expect((await a.session.renew(LEASE, false)).orders).toEqual([]);
    expect(await connection.command('EXISTS', `{presence}:orders:${a.id}`)).toBe(0);
  });

  describe.each(DRIVER_NAMES)('with %s', (driver) => {
    it('is usable when it is back after a crash, and its messages arrive again', async () => {
      const connection = Connection.to(server.port, driver);
      const [a, b] = await openMembers(connection.store, 'a', 'b');
      await a.session.write(batchOf(1, { put: itemsOf(['k']) }));
      await server.restart();
      for (let isBack = false; !isBack; await wait(10))
        isBack = await a.session.renew(LEASE, false).then(
          () => true,
          () => false,
        );
      const { now, nodes } = await a.session.renew(LEASE, false);
      expect(stateOf(a, nodes)).toEqual({ keys: 0, metas: 0 });
      await a.session.write(batchOf(2, { put: itemsOf(['k']) }));
      await untilSubscribed(connection, a);
      expect(await b.session.order(ORDER, now + 10_000)).toEqual([a.id]);
      expect((await a.next('order')).order.id).toBe('o');
    });
  });

  it('gets new subscriptions with a renewal where the driver has given up', async () => {
    const client = new Redis({ port: server.port, retryStrategy: () => null });
    const command = (name: string, ...args: string[]) => client.call(name, args);
    const connection = new Connection({ client, command, disconnect: () => client.disconnect() });
    const [a] = await openMembers(connection.store, 'a');
    await a.session.watch();
    expect(await connection.command('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1);
    const channels = async () => (await connection.command('PUBSUB', 'CHANNELS')) as string[];
    for (let have = 0; have < 2; await wait(10)) {
      await a.session.renew(LEASE, false);
      have = (await channels()).length;
    }
    expect((await channels()).toSorted()).toEqual([
      '{presence}:0::changes',
      `{presence}:0::node:${a.id}`,
    ]);
  });
});

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
import { RedisSentinel } from '../../support/redis.sentinel.js';
import { stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { openMembers, wait } from '../../../src/testing/presence-conformance/conformance.member.js';
import { type Client, Connection, endConnections } from './drivers.js';
import { batchOf, itemsOf } from './filling.js';

const LEASE = 60_000;

const CLIENTS: Record<string, (port: number) => Promise<Client>> = {
  ioredis: async (port) => {
    const client = new Redis({
      sentinels: [{ host: '127.0.0.1', port }],
      name: RedisSentinel.PRIMARY,
    });
    client.on('error', () => {});
    const command = (name: string, ...args: string[]) => client.call(name, args);
    return { client, command, disconnect: () => client.disconnect() };
  },
  'node-redis': async (port) => {
    const client = createSentinel({
      name: RedisSentinel.PRIMARY,
      sentinelRootNodes: [{ host: '127.0.0.1', port }],
      scanInterval: 500,
    });
    client.on('error', () => {});
    await client.connect();
    const command = (...args: string[]) => client.sendCommand(false, args);
    return { client, command, disconnect: () => void client.destroy().catch(() => {}) };
  },
};

requires('redis-server')('RedisPresenceStore with sentinels', () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    sentinel = await RedisSentinel.start();
  });
  afterEach(endConnections);
  afterAll(async () => {
    sentinel.stop();
    await stopRedis();
  });

  it.each(Object.entries(CLIENTS))('goes on after a failover, with %s', async (_, connect) => {
    const connection = new Connection(await connect(sentinel.port));
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    await a.session.write(batchOf(1, { put: itemsOf(['k']) }));
    await sentinel.failOver();

    let renewed = false;
    for (let version = 2; !renewed; version++) {
      const write = () => a.session.write(batchOf(version, { put: itemsOf(['l']) }));
      renewed = await a.session
        .renew(LEASE, false)
        .then(write)
        .then(
          () => true,
          () => false,
        );
      if (!renewed) await wait(100);
    }
    await b.session.renew(LEASE, false);
    expect(await b.session.find('online', 'l')).toContain(a.id);
    const order = { id: 'o', from: b.id, topic: 'online', key: 'l', code: 1000, reason: '' };
    let isReceived = false;
    for (let count = 0; !isReceived; count++) {
      await b.session.order({ ...order, id: `${count}` }, Number.MAX_SAFE_INTEGER);
      isReceived = a.messages.some(({ type }) => type === 'order');
      await wait(100);
    }
  });
});

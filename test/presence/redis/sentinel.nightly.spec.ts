import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
import { freePort } from '../../support/free-port.js';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { openMembers, wait } from '../../../src/testing/presence-conformance/conformance.member.js';
import { type Client, Connection, endConnections } from './drivers.js';
import { batchOf, itemsOf } from './filling.js';

const LEASE = 60_000;
const PRIMARY = 'primary';

const CLIENTS: Record<string, (port: number) => Promise<Client>> = {
  ioredis: async (port) => {
    const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: PRIMARY });
    client.on('error', () => {});
    const command = (name: string, ...args: string[]) => client.call(name, args);
    return { client, command, disconnect: () => client.disconnect() };
  },
  'node-redis': async (port) => {
    const client = createSentinel({
      name: PRIMARY,
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
  const folder = mkdtempSync(join(tmpdir(), 'heartbeat-sentinel-'));
  let sentinel: ChildProcess;
  let port: number;
  let control: Redis;

  beforeAll(async () => {
    const primary = await RedisServer.start();
    await RedisServer.start('--replicaof', '127.0.0.1', `${primary.port}`);
    port = await freePort();
    const settings = [
      `port ${port}`,
      `dir ${folder}`,
      `sentinel monitor ${PRIMARY} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${PRIMARY} 1000`,
      `sentinel failover-timeout ${PRIMARY} 5000`,
    ];
    writeFileSync(join(folder, 'sentinel.conf'), settings.join('\n'));
    const args = [join(folder, 'sentinel.conf'), '--sentinel'];
    sentinel = spawn('redis-server', args, { stdio: 'ignore' });
    control = new Redis({ port, host: '127.0.0.1' });
    control.on('error', () => {});
    const knowsReplica = async () =>
      JSON.stringify(await control.call('SENTINEL', 'REPLICAS', PRIMARY));
    while (!(await knowsReplica()).includes('master-link-status","ok')) await wait(100);
  });
  afterEach(endConnections);
  afterAll(async () => {
    control.disconnect();
    sentinel.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await stopRedis();
  });

  const primaryOf = async () =>
    JSON.stringify(await control.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', PRIMARY));

  it.each(Object.entries(CLIENTS))('goes on after a failover, with %s', async (_, connect) => {
    const connection = new Connection(await connect(port));
    const [a, b] = await openMembers(connection.store, 'a', 'b');
    await a.session.write(batchOf(1, { put: itemsOf(['k']) }));
    const before = await primaryOf();
    while ((await control.call('SENTINEL', 'FAILOVER', PRIMARY).catch(() => '')) !== 'OK')
      await wait(200);
    while ((await primaryOf()) === before) await wait(50);

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

import { afterAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { killAll } from '../../support/child.js';
import { RedisSentinel } from '../../support/redis.sentinel.js';
import { stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { until } from '../presence.node.js';
import { Crowd } from './crowd.js';
import { healingTime, NodeProcess, SHORT_LEASE } from './node.process.js';

const CLIENTS = 100;
let sentinel: RedisSentinel | undefined;

afterAll(async () => {
  sentinel?.stop();
  await killAll();
  await stopRedis();
});

requires('redis-server')('A failover to a replica that lacks data', () => {
  it('touches no client of three nodes, and all are present again in time', async () => {
    sentinel = await RedisSentinel.start();
    const { port, replica } = sentinel;
    const redis = { sentinels: [{ host: '127.0.0.1', port }], name: RedisSentinel.PRIMARY };
    const start = () => NodeProcess.start({ redis });
    const nodes = await Promise.all([start(), start(), start()] as const);
    const crowds: Crowd[] = [];
    for (const [index, { url }] of nodes.entries())
      crowds.push(await Crowd.connect(url, `on-${index}`, CLIENTS));
    const all = nodes.length * CLIENTS;
    for (const node of nodes)
      await until(async () => (await node.events()).length === all, 'all are present');

    const control = new Redis(replica.port);
    const ownKeys = (id: string) => control.keys(`*keys:${id}`);
    const { id } = nodes[0];
    await until(async () => (await ownKeys(id)).length === 1, 'the replica has them');
    await control.del(await ownKeys(id));
    control.disconnect();
    await sentinel.killPrimary();
    const isWhole = async () =>
      (await Promise.all(nodes.map((node) => node.keys().catch(() => [])))).every(
        ({ length }) => length === all,
      );
    await until(isWhole, 'all are present again', 30_000);
    const healedAt = performance.now();
    const connectedAt = Math.max(...(await Promise.all(nodes.map((node) => node.connectedAt()))));
    report(`whole ${(healedAt - connectedAt).toFixed(0)} ms after the last reconnection`);
    expect(healedAt - connectedAt).toBeLessThan(healingTime(SHORT_LEASE));
    for (const node of nodes) expect(await node.events()).toHaveLength(all);
    expect(crowds.flatMap(({ codes }) => codes)).toEqual([]);
    for (const crowd of crowds) crowd.close();
  });
});

import { afterAll, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { killAll } from '../../support/child.js';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { expectExclusive } from './exclusive.scenario.js';
import { NodeProcess } from './node.process.js';

let redis: Redis | undefined;

afterAll(async () => {
  redis?.disconnect();
  await killAll();
  await stopRedis();
});

requires('redis-server')('100 exclusive clients that come at once to three nodes', () => {
  it('leave the one that was stored last, 100 times', async () => {
    const server = await RedisServer.start();
    redis = new Redis(server.port);
    const start = () => NodeProcess.start({ redis: server });
    const nodes = await Promise.all([start(), start(), start()]);
    await expectExclusive(nodes, { redis, rounds: 100, clients: 100 });
  });
});

import { randomInt } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { runOnRedis } from './redis.model.js';

const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 30));

requires('redis-server')('Presence of three nodes in Redis', () => {
  afterAll(stopRedis);

  it(`agrees with the model after each quiet lease, in 10 000 random steps of seed ${SEED}`, async () => {
    const { port } = await RedisServer.start();
    await runOnRedis(port, SEED, 10_000);
  }, 1_800_000);
});

import { afterAll, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { runOnRedis } from './redis.model.js';

requires('redis-server')('Presence of three nodes in Redis', () => {
  afterAll(stopRedis);

  it('agrees with the model after each quiet lease, in 100 random steps', async () => {
    const { port } = await RedisServer.start();
    await runOnRedis(port, 20_261_127, 100);
  });
});

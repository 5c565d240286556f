import { afterAll, afterEach, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { expectContract } from '../hostile.check.js';
import { Connection, DRIVER_NAMES, endConnections } from './drivers.js';

requires('redis-server')('track() with Redis', () => {
  afterEach(endConnections);
  afterAll(stopRedis);

  it.each(DRIVER_NAMES)(
    'stores keys and meta of all kinds, or refuses them as the contract demands: %s',
    async (driver) => {
      const { port } = await RedisServer.start();
      const { store } = Connection.to(port, driver);
      await expectContract(() => store, 10);
    },
  );
});

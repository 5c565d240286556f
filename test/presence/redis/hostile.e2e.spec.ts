import { afterAll, afterEach, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { FULL } from '../../support/full.js';
import { requires } from '../../support/requirements.js';
import { expectContract } from '../hostile.check.js';
import { Connection, DRIVER_NAMES, type DriverName, endConnections } from './drivers.js';

/** One of each protocol of commands; all of them nightly. */
const DRIVERS: readonly DriverName[] = FULL ? DRIVER_NAMES : ['ioredis 5', 'node-redis 5'];

requires('redis-server')('track() with Redis', () => {
  afterEach(endConnections);
  afterAll(stopRedis);

  it.each(DRIVERS)(
    'stores keys and meta of all kinds, or refuses them as the contract demands: %s',
    async (driver) => {
      const { port } = await RedisServer.start();
      const { store } = Connection.to(port, driver);
      await expectContract(() => store, 10);
    },
  );
});

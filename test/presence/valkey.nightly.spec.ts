import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { presenceStoreConformance } from 'nestjs-heartbeat/testing';
import { RedisServer, stopRedis } from '../support/redis.server.js';
import { requires } from '../support/requirements.js';
import { Connection, DRIVER_NAMES } from './redis/drivers.js';

requires('valkey-server')('RedisPresenceStore in Valkey', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.startValkey();
  });
  afterAll(stopRedis);

  describe.each(DRIVER_NAMES)('with %s', (driver) => {
    const cases = presenceStoreConformance(async () => {
      const connection = Connection.to(server.port, driver);
      await connection.command('FLUSHALL');
      return { store: connection.store, close: () => connection.end() };
    });
    it.each(cases)('$name', ({ run }) => run());
  });
});

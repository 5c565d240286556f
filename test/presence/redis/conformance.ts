import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { presenceStoreConformance } from 'nestjs-heartbeat/testing';
import { type RedisServer, stopRedis } from '../../support/redis.server.js';
import { Connection, DRIVER_NAMES } from './drivers.js';

/** Defines the conformance tests of RedisPresenceStore with each driver, on a server that `start` starts. */
export function defineConformanceTests(start: () => Promise<RedisServer>): void {
  let server: RedisServer;
  beforeAll(async () => {
    server = await start();
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
}

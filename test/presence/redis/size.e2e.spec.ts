import { afterAll, afterEach, expect, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { Connection, endConnections } from './drivers.js';
import { scriptTimes } from './script.times.js';

requires('redis-server')('No script of RedisPresenceStore', () => {
  afterEach(endConnections);
  afterAll(stopRedis);

  it('blocks the store for 10 ms at 100 000 keys', async () => {
    const server = await RedisServer.start();
    const times = await scriptTimes(Connection.to(server.port), 3, 100_000);
    for (const [call, time] of Object.entries(times)) report(`${call}: ${time.toFixed(2)} ms`);
    expect(Math.max(...Object.values(times))).toBeLessThan(10);
  });
});

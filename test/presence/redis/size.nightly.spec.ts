import { afterAll, afterEach, expect, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { Connection, endConnections } from './drivers.js';
import { scriptTimes } from './script.times.js';

requires('redis-server')('No script of RedisPresenceStore', () => {
  afterEach(endConnections);
  afterAll(stopRedis);

  it.each([3, 30])('blocks the store for 10 ms at a million keys on %d nodes', async (nodes) => {
    const server = await RedisServer.start();
    const times = await scriptTimes(Connection.to(server.port), nodes, 1_000_000);
    for (const [call, time] of Object.entries(times)) report(`${call}: ${time.toFixed(2)} ms`);
    // An exclusive write reads the data of every other node.
    const { 'exclusive write': exclusive = NaN, ...others } = times;
    expect(Math.max(...Object.values(others))).toBeLessThan(10);
    expect(exclusive).toBeLessThan(20);
  });
});

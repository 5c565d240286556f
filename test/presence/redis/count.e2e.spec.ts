import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { PresenceSession } from 'nestjs-heartbeat/presence';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { openMembers } from '../../../src/testing/presence-conformance/conformance.member.js';
import { Connection, endConnections } from './drivers.js';
import { batchOf, fill, keysFrom } from './filling.js';

/** Four times the standard error of the estimate. */
const TOLERANCE = 0.04;

requires('redis-server')('count() of RedisPresenceStore', () => {
  let server: RedisServer;
  let sessions: PresenceSession[];
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    const { store, command } = Connection.to(server.port);
    await command('FLUSHALL');
    const members = await openMembers(store, 'a', 'b', 'c');
    sessions = members.map(({ session }) => session);
    // Other topics, before and behind, are not counted.
    for (const session of sessions)
      await session.write(batchOf(0.5, { put: ['a', 'z'].map((topic) => ({ topic, key: 'k' })) }));
  });
  afterEach(endConnections);
  afterAll(stopRedis);

  const fillAll = async (...keys: string[][]) => {
    for (const [index, session] of sessions.entries()) await fill(session, keys[index] ?? []);
  };
  const count = () => (sessions[0] as PresenceSession).count('online');

  it('is exact up to 10 000 entries, with a key on two nodes once', async () => {
    await fillAll(keysFrom(0, 5_000), keysFrom(2_500, 4_000), keysFrom(6_000, 1_000));
    expect(await count()).toBe(7_000);
  });

  it('is exact for any number of keys on one node', async () => {
    await fillAll(keysFrom(0, 30_000));
    expect(await count()).toBe(30_000);
  });

  it.each([
    ['no key on two nodes', [0, 10_000, 20_000], 30_000],
    ['all keys on all nodes', [0, 0, 0], 10_000],
    ['some keys on two nodes', [0, 5_000, 15_000], 25_000],
  ])('is estimated above it: %s', async (_, starts, distinct) => {
    await fillAll(...starts.map((start) => keysFrom(start, 10_000)));
    const estimate = await count();
    report(`${estimate} for ${distinct}`);
    expect(Math.abs(estimate / distinct - 1)).toBeLessThan(TOLERANCE);
  });
});

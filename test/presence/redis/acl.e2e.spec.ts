import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { PresenceSession } from 'nestjs-heartbeat/presence';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { openMembers } from '../../../src/testing/presence-conformance/conformance.member.js';
import { Connection, DRIVER_NAMES, endConnections } from './drivers.js';
import { batchOf } from './filling.js';

const DOCS = readFileSync(join('docs', 'presence-redis.md'), 'utf8');
const LINE = /^ACL (SETUSER presence .*)$/m.exec(DOCS)?.[1] ?? '';
const LISTED = [...LINE.matchAll(/ \+(\S+)/g)].map(([, command = '']) => command);
/** What drivers send by themselves, not all of it with each version. */
const OF_DRIVERS = ['hello', 'ping', 'info', 'unsubscribe'];
/** What the tests send, and what drivers do without. */
const OTHERS = ['acl|setuser', 'acl|log', 'auth', 'config|resetstat', 'script|flush', 'flushall'];

/** Every call, in every variation that uses other commands. */
async function useEverything(a: PresenceSession, b: PresenceSession): Promise<void> {
  const exclusive = { code: 4411, reason: 'replaced' };
  const many = Array.from({ length: 6_000 }, (_, index) => ({ topic: 't', key: `${index}` }));
  await a.watch();
  for (const session of [a, b]) await session.write(batchOf(1, { put: many }));
  await a.write(batchOf(2, { put: [{ topic: 't', key: 'k', meta: '1' }] }));
  await a.write(batchOf(3, { part: 'first', put: [{ topic: 't', key: 'k', meta: '1' }] }));
  await a.write(batchOf(3, { part: 'last' }));
  await a.write(batchOf(4, { put: many, remove: [['t', 'k']] }));
  await b.write(batchOf(2, { put: [{ topic: 't', key: '1', exclusive }] }));
  await a.find('t', '1');
  await a.read('t', { limit: 10 });
  await a.count('t');
  const { now } = await a.renew(60_000, false);
  const order = { id: 'o', from: 'a', topic: 't', key: '1', code: 1000, reason: '' };
  await a.order(order, now + 10_000);
  await b.acknowledge('a', 'o', 1);
  for (const session of [a, b]) await session.renew(60_000, true);
  await b.close();
}

requires('redis-server')('The user of the documentation', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterEach(endConnections);
  afterAll(stopRedis);

  it.each(DRIVER_NAMES)('is enough with %s, and has no command too many', async (driver) => {
    const admin = Connection.to(server.port);
    await admin.command('FLUSHALL');
    await admin.command('SCRIPT', 'FLUSH');
    await admin.command('ACL', ...LINE.split(' '));
    await admin.command('ACL', 'LOG', 'RESET');
    await admin.command('CONFIG', 'RESETSTAT');
    const login = { username: 'presence', password: 'password' };
    const { store } = Connection.to(server.port, driver, login);
    const [a, b] = await openMembers(store, 'a', 'b');
    await useEverything(a.session, b.session);

    const stats = String(await admin.command('INFO', 'commandstats'));
    const used = [...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, command = '']) => command);
    const expected = (commands: string[]) =>
      commands.filter((command) => ![...OF_DRIVERS, ...OTHERS].includes(command)).toSorted();
    expect(expected(used)).toEqual(expected(LISTED));
    const refused = ((await admin.command('ACL', 'LOG')) as string[][]).map(
      (entry) => entry[entry.indexOf('object') + 1] ?? '',
    );
    expect(refused.filter((command) => !command.startsWith('client'))).toEqual([]);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { openMembers } from '../../../src/testing/presence-conformance/conformance.member.js';
import { CommandLog } from './command.log.js';
import { Connection, DRIVER_NAMES, endConnections } from './drivers.js';
import { batchOf, fill, itemsOf, keysFrom } from './filling.js';

requires('redis-server')('What RedisPresenceStore sends', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    const { command } = Connection.to(server.port);
    await command('FLUSHALL');
  });
  afterEach(endConnections);
  afterAll(stopRedis);

  /** The commands that reach the server while `action` runs. */
  async function commandsOf(action: () => Promise<unknown>): Promise<string[]> {
    const log = await CommandLog.start(server.port);
    await action();
    return log.stop();
  }

  it.each([0, 3_000])('is one command per node and renewal, with %d clients', async (clients) => {
    const members = await openMembers(Connection.to(server.port).store, 'a', 'b', 'c');
    for (const { session } of members) await fill(session, keysFrom(0, clients / 3));
    const commands = await commandsOf(async () => {
      for (let round = 0; round < 5; round++)
        await Promise.all(members.map(({ session }) => session.renew(60_000, false)));
    });
    expect(commands).toEqual(Array.from({ length: 15 }, () => 'evalsha'));
  });

  it.each(DRIVER_NAMES)('goes over one connection besides, which it closes: %s', async (driver) => {
    const connection = Connection.to(server.port, driver);
    const connections = async () =>
      String(await connection.command('CLIENT', 'LIST'))
        .trim()
        .split('\n').length;
    const before = await connections();
    const [a] = await openMembers(connection.store, 'a');
    await a.session.watch();
    expect(await connections()).toBe(before + 1);
    await a.session.close();
    let after = NaN;
    const poll = setInterval(() => void connections().then((count) => (after = count)), 10);
    expect(await eventually(() => after === before)).toBe(true);
    clearInterval(poll);
    expect(await connection.command('PING')).toBe('PONG');
  });

  it('does not reach nodes of another database, or of another key prefix', async () => {
    const connect = (options: { db?: number; keyPrefix?: string }) => {
      const client = new Redis({ port: server.port, ...options });
      const command = (name: string, ...args: string[]) => client.call(name, args);
      return new Connection({ client, command, disconnect: () => client.disconnect() });
    };
    const { store } = connect({});
    const [a, b] = await openMembers(store, 'a', 'b');
    await a.session.watch();
    for (const options of [{ db: 1 }, { keyPrefix: 'other:' }]) {
      const [c, d] = await openMembers(connect(options).store, 'c', 'd');
      await d.session.watch();
      await c.session.write(batchOf(1, { put: itemsOf(['foreign']) }));
      expect((await d.next('changed')).put).toEqual([['online', 'foreign']]);
      expect((await c.session.renew(60_000, false)).nodes).toHaveLength(2);
    }
    await b.session.write(batchOf(1, { put: itemsOf(['own']) }));
    expect((await a.next('changed')).put).toEqual([['online', 'own']]);
    expect(await a.session.count('online')).toBe(1);
  });

  it('is nothing after close()', async () => {
    const { store } = Connection.to(server.port);
    const [a] = await openMembers(store, 'a');
    await a.session.close();
    const commands = await commandsOf(async () => {
      await expect(a.session.renew(60_000, false)).rejects.toThrow('closed');
      await expect(a.session.find('online', 'k')).rejects.toThrow('closed');
      await expect(a.session.watch()).rejects.toThrow('closed');
      await expect(a.session.close()).rejects.toThrow('closed');
    });
    expect(commands).toEqual([]);
  });
});

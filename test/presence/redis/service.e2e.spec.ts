import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import {
  keysOf,
  QUICK_PRESENCE,
  startNode,
  type TestNode,
  until,
  untilPresent,
} from '../presence.node.js';
import { CommandLog } from './command.log.js';
import { Connection, DRIVER_NAMES, type DriverName, endConnections } from './drivers.js';

/** The bound for a store that lost data, in ms. */
const REPAIRED = 1.1 * QUICK_PRESENCE.renew + 1_000;
const KEYS = ['x', 'y', 'z'];

requires('redis-server')('Presence in Redis', () => {
  let server: RedisServer;
  let connection: Connection;
  const nodes: TestNode[] = [];
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    connection = Connection.to(server.port);
    await connection.command('FLUSHALL');
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.close()));
    endConnections();
  });
  afterAll(stopRedis);

  /** Starts an application with a client of its own. */
  const start = async (driver?: DriverName) => {
    const node = await startNode({ store: Connection.to(server.port, driver).store });
    nodes.push(node);
    return node;
  };

  /** Two applications; the first one has clients, and the second one sees them. */
  const startTwo = async () => {
    const [a, b] = [await start(), await start()];
    const clients = [];
    for (const key of KEYS) clients.push(await a.join(key, { meta: { key } }));
    await until(async () => (await keysOf(b.presence)).length === KEYS.length);
    return { a, b, clients };
  };

  /** The changes that `b` sees of the clients of `a`. They are complete from `list()` on. */
  const recordOf = async (a: TestNode, b: TestNode) => {
    const record = b.record();
    await b.presence.list();
    await a.join('new', { meta: 1 });
    await until(() => record.events.includes('+new'));
    return record;
  };

  it('is whole in time after FLUSHALL and after any key was deleted, and no key leaves', async () => {
    const { a, b } = await startTwo();
    const record = await recordOf(a, b);
    const names = (await connection.command('KEYS', '*')) as string[];
    for (const name of [undefined, ...names]) {
      const began = performance.now();
      await (name === undefined ? connection.command('FLUSHALL') : connection.command('DEL', name));
      await until(async () => {
        const { entries } = await b.presence.list();
        return (
          entries.length === KEYS.length + 1 && entries.every(({ on }) => on[0]?.meta !== undefined)
        );
      });
      const repaired = performance.now() - began;
      report(`${name ?? 'FLUSHALL'}: ${Math.round(repaired)} ms`);
      expect(repaired).toBeLessThan(REPAIRED);
    }
    expect(record.events).toEqual(['+new']);
  });

  it('survives a crash of the server: no client is closed, and all keys are back', async () => {
    const { a, b, clients } = await startTwo();
    const record = await recordOf(a, b);
    await server.kill();
    await until(() => a.presence.state === 'stale');
    expect(await a.presence.isPresent('x')).toBe(true);
    await server.restart();
    await until(async () => (await keysOf(b.presence).catch(() => [])).length === KEYS.length + 1);
    for (const { peer } of clients) expect(peer.readyState).toBe(peer.OPEN);
    expect(record.events).toEqual(['+new']);
  });

  it('sends nodes / renew commands a second while nothing changes', async () => {
    await startTwo();
    const log = await CommandLog.start(server.port);
    const began = performance.now();
    await until(() => log.commands.length >= 12);
    const expected = (2 * (performance.now() - began)) / QUICK_PRESENCE.renew;
    const commands = await log.stop();
    report(`${commands.length} commands, ${expected.toFixed(1)} expected`);
    expect(new Set(commands)).toEqual(new Set(['evalsha']));
    expect(commands.length).toBeLessThan(1.1 * expected + 3);
  });

  describe.each(DRIVER_NAMES)('with %s', (driver) => {
    it('closes the clients of a key on all nodes, and lets the newest of exclusive ones stay', async () => {
      const [a, b] = [await start(driver), await start(driver)];
      const clients = [await a.join('k'), await b.join('k')];
      await until(async () => (await a.presence.list()).entries[0]?.on.length === 2);
      expect(await a.presence.disconnect('k')).toEqual({ closed: 2, pending: [] });
      for (const { closed } of clients) expect((await closed).code).toBe(1000);

      const first = await a.join('user', { exclusive: true });
      await untilPresent(b, 'user');
      const second = await b.join('user', { exclusive: true });
      expect((await first.closed).code).toBe(4411);
      expect(second.peer.readyState).toBe(second.peer.OPEN);
    });
  });
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { killAll } from '../../support/child.js';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { until } from '../presence.node.js';
import { eventsByKey } from './changes.js';
import { Crowd } from './crowd.js';
import { expectExclusive } from './exclusive.scenario.js';
import { healingTime, NodeProcess, SHORT_LEASE } from './node.process.js';

const { lease, renew, linger } = SHORT_LEASE;
/** What a busy machine may take longer, in ms. */
const SLACK = 1_000;
const CLIENTS = 1_000;

requires('redis-server')('A node in a process of its own', () => {
  let redis: Redis;
  let crashing: NodeProcess;
  let stopping: NodeProcess;
  let observer: NodeProcess;
  let bystanders: Crowd;
  const crowds: Crowd[] = [];

  beforeAll(async () => {
    const { port } = await RedisServer.start();
    redis = new Redis(port);
    [crashing, stopping, observer] = await Promise.all([
      NodeProcess.start({ redis: { port } }),
      NodeProcess.start({ redis: { port } }),
      NodeProcess.start({ redis: { port } }),
    ]);
    bystanders = await join(observer, 'bystander', 20);
  });
  afterAll(async () => {
    for (const crowd of crowds) crowd.close();
    redis.disconnect();
    await killAll();
    await stopRedis();
  });

  /** Connects clients to a node, and waits until the observer has reported them. */
  async function join(node: NodeProcess, name: string, count: number): Promise<Crowd> {
    const crowd = await Crowd.connect(node.url, name, count);
    crowds.push(crowd);
    await until(async () => (await observer.events(name)).length === count, `${name} joined`);
    return crowd;
  }

  it('keeps one of the exclusive clients that come at once to three nodes', async () => {
    await expectExclusive([crashing, stopping, observer], { redis, rounds: 3, clients: 100 });
  });

  it('is hidden while it is stopped for longer than its lease, and back when it continues', async () => {
    const crowd = await join(stopping, 'stopped', 20);
    const stoppedAt = performance.now();
    stopping.child.freeze();
    await until(async () => !(await observer.isPresent('stopped-0')), 'it is hidden');
    const hidden = performance.now() - stoppedAt;
    const { length } = crowd.keys;
    await until(async () => (await observer.events('stopped')).length === 2 * length, 'it left');
    const continuedAt = performance.now();
    stopping.child.thaw();
    await until(() => observer.isPresent('stopped-0'), 'it is back');
    const back = performance.now() - continuedAt;
    report(`hidden after ${hidden.toFixed(0)} ms, back after ${back.toFixed(0)} ms`);
    expect(hidden).toBeLessThan(lease + SLACK);
    expect(back).toBeLessThan(1.1 * renew + SLACK);

    await until(async () => (await observer.events('stopped')).length >= 3 * length, 'it joined');
    expect(eventsByKey(await observer.changes('stopped'))).toEqual(
      new Map(crowd.keys.map((key) => [key, [`+${key}`, `-${key}`, `+${key}`]])),
    );
    await until(async () => (await stopping.state()) === 'current');
    for (const name of ['stopped', 'bystander'])
      expect((await stopping.events(name)).filter((event) => event.startsWith('-'))).toEqual([]);
    expect([...crowd.codes, ...bystanders.codes]).toEqual([]);
  });

  it('disappears with its lease after kill -9, and its data after ten leases', async () => {
    const crowd = await join(crashing, 'crashed', CLIENTS);
    const present = await observer.count();
    const killedAt = performance.now();
    await crashing.child.kill();
    const isHidden = async () => (await observer.count()) <= present - CLIENTS;
    await until(isHidden, 'it is hidden');
    const hidden = performance.now() - killedAt;
    await until(async () => (await observer.events('crashed')).length >= 2 * CLIENTS, 'it left');
    const left = (await observer.changes('crashed')).at(-1)?.at ?? NaN;
    const isStored = async () => (await redis.keys(`*${crashing.id}*`)).length > 0;
    expect(await isStored()).toBe(true);
    await until(async () => !(await isStored()), 'its data is gone', 15 * lease);
    const gone = performance.now() - killedAt;
    report(`hidden after ${hidden.toFixed(0)} ms, left after ${(left - killedAt).toFixed(0)} ms`);
    report(`data gone after ${gone.toFixed(0)} ms`);
    expect(hidden).toBeLessThan(lease + SLACK);
    expect(left - killedAt).toBeLessThan(lease + 1.1 * renew + linger + SLACK);
    expect(gone).toBeGreaterThan(10 * lease);
    expect(gone).toBeLessThan(11 * lease + healingTime(SHORT_LEASE));

    expect(eventsByKey(await observer.changes('crashed'))).toEqual(
      new Map(crowd.keys.map((key) => [key, [`+${key}`, `-${key}`]])),
    );
    expect(await observer.events('bystander')).toHaveLength(bystanders.keys.length);
    expect(bystanders.codes).toEqual([]);
  });
});

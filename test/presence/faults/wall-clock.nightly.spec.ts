import { afterAll, afterEach, expect, it } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { WallClock } from '../../support/wall.clock.js';
import { until } from '../presence.node.js';
import { eventsByKey } from './changes.js';
import { Crowd } from './crowd.js';
import { NodeProcess, SHORT_LEASE } from './node.process.js';

const HOUR = 3_600_000;
/** Maximum difference between two clocks that are read one after the other, in ms. */
const TOLERANCE = 5_000;
/** What a busy machine may take longer, in ms. */
const SLACK = 1_000;
const CLIENTS = 20;
const { lease, renew, linger } = SHORT_LEASE;

requires('redis-server', 'faketime')('Wall clocks of nodes that differ by hours', () => {
  const clocks: WallClock[] = [];
  afterEach(killAll);
  afterAll(async () => {
    await stopRedis();
    for (const clock of clocks) clock.remove();
  });

  /** Starts a node whose wall clock differs by `offset` ms. */
  async function start(redis: RedisServer, offset: number) {
    const clock = new WallClock();
    clocks.push(clock);
    clock.set(offset);
    const node = await NodeProcess.start({ redis, env: clock.env });
    const set = async (to: number) => {
      clock.set(to);
      const shown = await node.child.request<number>('wall');
      expect(Math.abs(shown - Date.now() - to)).toBeLessThan(TOLERANCE);
    };
    await set(offset);
    return { node, set };
  }

  it.each([
    ['ahead, then behind', HOUR],
    ['behind, then ahead', -HOUR],
  ])('have no effect: %s', async (_, offset) => {
    const redis = await RedisServer.start();
    const shifted = await start(redis, offset);
    const opposite = await start(redis, -offset);
    const observer = await NodeProcess.start({ redis });
    const nodes = [shifted.node, opposite.node, observer];
    const crowds = [];
    for (const [index, { url }] of nodes.entries())
      crowds.push(await Crowd.connect(url, `on-${index}`, CLIENTS));
    const all = nodes.length * CLIENTS;
    for (const node of nodes)
      await until(async () => (await node.events()).length === all, 'all are present');

    await shifted.set(-offset);
    await opposite.set(offset);
    const end = performance.now() + 3 * lease;
    while (performance.now() < end) for (const node of nodes) expect(await node.count()).toBe(all);
    expect(await shifted.node.disconnect('on-1-0')).toEqual({ closed: 1, pending: [] });
    expect(await opposite.node.disconnect('on-2-0')).toEqual({ closed: 1, pending: [] });
    await until(async () => (await observer.count()) === all - 2, 'two have left');

    const killedAt = performance.now();
    await shifted.node.child.kill();
    for (const node of [opposite.node, observer])
      await until(async () => (await node.count()) === all - CLIENTS - 2, 'the node is hidden');
    const hidden = performance.now() - killedAt;
    report(`hidden after ${hidden.toFixed(0)} ms`);
    expect(hidden).toBeLessThan(lease + SLACK);
    for (const node of [opposite.node, observer]) {
      const isReported = async () => (await node.events('on-0')).length === 2 * CLIENTS;
      await until(isReported, 'its keys left');
      const left = Math.max(...(await node.changes('on-0')).map(({ at }) => at)) - killedAt;
      expect(left).toBeLessThan(lease + 1.1 * renew + linger + SLACK);
      const events = eventsByKey(await node.changes());
      expect([...events.values()].filter(({ length }) => length === 2)).toHaveLength(CLIENTS + 2);
    }
    expect(crowds.slice(1).map(({ codes }) => codes)).toEqual([[1000], [1000]]);
    for (const crowd of crowds) crowd.close();
  });
});

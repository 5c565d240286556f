import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { Child, killAll } from '../../support/child.js';
import { Network, type Site } from '../../support/namespaces.js';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { until } from '../presence.node.js';
import { eventsByKey } from './changes.js';
import { healingTime, NodeProcess, SHORT_LEASE } from './node.process.js';

const PROGRAM = new URL('../../support/programs/clients.mjs', import.meta.url);
const CLIENTS = 50;
const { lease } = SHORT_LEASE;
/** What a busy machine may take longer, in ms. */
const SLACK = 1_000;

/** A node with its clients, on a host of its own. */
class Place {
  private constructor(
    readonly site: Site,
    readonly node: NodeProcess,
  ) {}

  static async open(network: Network, port: number): Promise<Place> {
    const site = await network.addSite();
    const { launcher } = site.host;
    const redis = { host: site.serverAddress, port };
    return new Place(site, await NodeProcess.start({ redis, launcher }));
  }

  connect(name: string, count: number): Promise<Child> {
    return Child.start(PROGRAM, { url: this.node.url, name, count }, this.site.host);
  }
}

requires(
  'root',
  'iptables',
  'ip',
  'network namespaces',
  'redis-server',
)('A node that is cut off from the store', () => {
  let network: Network;
  let [cut, other]: Place[] = [];

  beforeEach(async () => {
    network = await Network.create();
    const { port } = await RedisServer.startOn(network.server.launcher);
    cut = await Place.open(network, port);
    other = await Place.open(network, port);
  });
  afterEach(() => network.remove());
  afterAll(async () => {
    await killAll();
    await stopRedis();
  });

  it.each([3, 10])(
    'for %d leases is hidden, is back afterwards, and no view stays split',
    async (leases) => {
      const [here, there] = [cut as Place, other as Place];
      const clients = await here.connect('cut', CLIENTS);
      await there.connect('other', CLIENTS);
      const leaving = await there.connect('leaving', 1);
      const whole = 2 * CLIENTS + 1;
      for (const { node } of [here, there])
        await until(async () => (await node.events()).length === whole, 'all are present');

      const cutAt = performance.now();
      await Promise.all([here.site.lose('server'), here.site.lose('site')]);
      await until(async () => !(await there.node.isPresent('cut-0')), 'the node is hidden');
      const hidden = performance.now() - cutAt;
      // Changes on both sides, of which the other side cannot know.
      const joined = await here.connect('joined', 1);
      await leaving.kill();
      await there.connect('late', 1);
      await delay(leases * lease - (performance.now() - cutAt));
      expect(await here.node.state()).toBe('stale');
      expect(await here.node.isPresent('cut-0')).toBe(true);
      await expect(here.node.count()).rejects.toThrow('presence store');

      const outage = performance.now() - cutAt;
      await here.site.heal();
      const healedAt = performance.now();
      const expected = [
        ...(await there.node.keys()),
        ...Array.from({ length: CLIENTS }, (_, index) => `cut-${index}`),
        'joined-0',
      ].toSorted();
      for (const { node } of [here, there])
        await until(
          async () => String(await node.keys().catch(() => [])) === String(expected),
          'the view is whole',
          30_000,
        );
      const back = performance.now() - healedAt;
      report(
        `cut for ${outage.toFixed(0)} ms: hidden after ${hidden.toFixed(0)} ms, back after ${back.toFixed(0)} ms`,
      );
      expect(hidden).toBeLessThan(lease + SLACK);
      // TCP repeats what was lost at intervals that double, so the first answer comes after another outage at most.
      expect(back).toBeLessThan(outage + healingTime(SHORT_LEASE));

      for (const { node } of [here, there]) {
        await until(
          async () => String(await membersOf(node)) === String(expected),
          'changes()',
          30_000,
        );
        for (const [key, events] of eventsByKey(await node.changes()))
          expect([`+${key}`, `-${key}`, `+${key}`].slice(0, events.length)).toEqual(events);
      }
      expect(await here.node.nodes()).toEqual(await there.node.nodes());
      expect(await here.node.nodes()).toHaveLength(2);
      const reportedHere = await here.node.events();
      expect(reportedHere.filter((event) => event.startsWith('-'))).toEqual(['-leaving-0']);
      for (const child of [clients, joined]) expect(await child.request('closings')).toEqual([]);
    },
  );
});

/** The keys that are present if each change of a node is applied. */
async function membersOf(node: NodeProcess): Promise<string[]> {
  const members = new Set<string>();
  for (const { key, event } of await node.changes()) {
    if (event.startsWith('+')) members.add(key);
    else members.delete(key);
  }
  return [...members].toSorted();
}

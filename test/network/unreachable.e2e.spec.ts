import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { SLACK } from '../support/cpu-wait.js';
import type { End as Side } from '../support/namespaces.js';
import { report } from '../support/report.js';
import type { ClientEnd } from './with-heartbeat.clients.js';
import { Lab, sharedLab, onNetworks, type ClientGroup } from './lab.js';
import { expectDetected, expectUndisturbed } from './outcomes.js';

const CLIENTS = new URL('./with-heartbeat.clients.ts', import.meta.url);
const POLICY = { interval: 1_000, timeout: 2_500 };
/** Time that a busy machine may need to deliver what has arrived, ms. */
const DELIVERY = 1_500;

/** Grace period of the client before it declares the server dead, and the lateness of a timer, ms. */
const GRACE = 50 + 10;

/** Quiet clients only answer pings. The others have data in flight when the path is cut. */
const KINDS = {
  quiet: undefined,
  talking: { event: 'note', every: 50 },
  listening: { event: 'stream', data: 50 },
  chatting: { event: 'echo', every: 50 },
};

afterAll(killAll);

onNetworks()('an unreachable client', () => {
  let neighbours: ClientGroup;
  const lab = sharedLab(async () => {
    const opened = await Lab.open(POLICY);
    neighbours = await opened.addClients('neighbour');
    return opened;
  });

  /** Connects one group of each kind, each from its own site. */
  async function addAllKinds(name: string): Promise<ClientGroup[]> {
    const opened = await lab();
    return Promise.all(
      Object.entries(KINDS).map(([kind, message]) =>
        opened.addClients(`${name}, ${kind}`, { message: message }),
      ),
    );
  }

  /** Expects that no client has seen the end of its connection. */
  async function expectNoEnds(group: ClientGroup): Promise<void> {
    expect(await group.ends()).toEqual([]);
  }

  /** Heals the path. Expects that the next message of each client is answered by a reset. */
  async function expectEndsOnceHealed(group: ClientGroup, outage: number): Promise<void> {
    await expectNoEnds(group);
    const healed = performance.now();
    await group.site.heal();
    await group.clients.request('send', 'note');
    const ends = await group.untilClosed();
    for (const { code } of ends) expect(code).toBe(1006);
    // TCP retransmits at intervals that double, so data can take as long again as the outage.
    expect(performance.now() - healed).toBeLessThan(1.5 * outage + DELIVERY);
  }

  test.concurrent.each<[string, Side[]]>([
    ['in both directions', ['server', 'site']],
    ['towards the client', ['site']],
  ])(
    'is detected in time if the path is cut %s, and sees its end when the path works again',
    async (_, ends) => {
      const groups = await addAllKinds(`cut at ${ends.join(' and ')}`);
      await Promise.all(
        groups.map(async (group) => {
          const cut = performance.now();
          await Promise.all(ends.map((end) => group.site.lose(end)));
          await expectDetected(group);
          await expectEndsOnceHealed(group, performance.now() - cut);
        }),
      );
    },
  );

  test.concurrent(
    'is detected in time if the path is cut towards the server, and is reset at once',
    async () => {
      const groups = await addAllKinds('cut at server');
      await Promise.all(
        groups.map(async (group) => {
          await group.site.lose('server');
          const records = await expectDetected(group);
          const ends = await group.untilClosed();
          const first = Math.min(...records.map(({ evicted }) => Number(evicted[0]?.at)));
          const last = Math.max(...records.map(({ evicted }) => Number(evicted[0]?.at)));
          for (const { code, at } of ends) {
            expect(code).toBe(1006);
            expect(at).toBeGreaterThan(first - 1);
            expect(at).toBeLessThan(last + DELIVERY);
          }
        }),
      );
    },
  );

  test.concurrent('detects the dead server in time if it uses withHeartbeat()', async () => {
    const group = await (await lab()).addClients('withHeartbeat', { program: CLIENTS });
    const before = group.clients.waitedForCpu();
    await Promise.all([group.site.lose('server'), group.site.lose('site')]);
    await expectDetected(group);
    const ends = await group.untilClosed<ClientEnd>();
    const waited = group.clients.waitedForCpu() - before;
    expect(ends).toHaveLength(group.count);
    for (const { code, after } of ends) {
      expect(code).toBe(1006);
      expect(after).toBeGreaterThanOrEqual(POLICY.timeout);
      expect(after).toBeLessThan(POLICY.timeout + GRACE + SLACK + waited);
    }
  });

  test.concurrent.each<Side>(['server', 'site'])(
    'is detected in time if the link is down at the %s, and does not see its end',
    async (end) => {
      const groups = await addAllKinds(`unplugged at ${end}`);
      await Promise.all(
        groups.map(async (group) => {
          await group.site.unplug(end);
          await expectDetected(group);
          await expectNoEnds(group);
        }),
      );
    },
  );

  test.concurrent('is detected in time if only the client receives a reset', async () => {
    const groups = await addAllKinds('refused');
    await Promise.all(
      groups.map(async (group) => {
        const refusedAt = performance.now();
        await group.site.refuse();
        const ends = await group.untilClosed();
        const after = performance.now() - refusedAt;
        for (const { code } of ends) expect(code).toBe(1006);
        // A quiet client receives the reset when it answers the next ping.
        expect(after).toBeLessThan(POLICY.interval + DELIVERY);
        report(`${group.name}: reset after ${after.toFixed(0)} ms`);
        const records = await expectDetected(group);
        for (const { evicted } of records)
          expect(evicted[0]?.at).toBeGreaterThan(Number(ends.at(-1)?.at));
      }),
    );
  });

  test('does not affect clients on other links', async () => {
    await lab();
    await expectUndisturbed(neighbours);
  });
});

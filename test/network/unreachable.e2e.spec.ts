import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { SLACK } from '../support/cpu-wait.js';
import type { End as Side } from '../support/namespaces.js';
import { report } from '../support/report.js';
import type { CompanionEnd } from './companion.clients.js';
import { Lab, sharedLab, onNetworks, type Party } from './lab.js';
import { expectFoundDead, expectUndisturbed } from './outcomes.js';

const COMPANIONS = new URL('./companion.clients.ts', import.meta.url);
const POLICY = { interval: 1_000, timeout: 2_500 };
/** What the system and a busy machine may take to pass on what has arrived. Milliseconds. */
const DELIVERY = 1_500;

/** How much longer our client listens, in ms, before it takes a server for dead, and what a timer may be late. */
const LAST_CALL = 50 + 10;

/** Quiet clients only answer pings; the others have data under way when the path breaks. */
const KINDS = {
  quiet: undefined,
  talking: { event: 'note', every: 50 },
  listening: { event: 'stream', data: 50 },
  chatting: { event: 'echo', every: 50 },
};

afterAll(killAll);

onNetworks()('a client out of reach', () => {
  let neighbours: Party;
  const lab = sharedLab(async () => {
    const opened = await Lab.open(POLICY);
    neighbours = await opened.gather('neighbour');
    return opened;
  });

  /** Clients of every kind, each on a site of its own. */
  async function gatherAll(name: string): Promise<Party[]> {
    const opened = await lab();
    return Promise.all(
      Object.entries(KINDS).map(([kind, say]) => opened.gather(`${name}, ${kind}`, { say })),
    );
  }

  /** Nobody tells the clients, neither that the path is cut nor that they were given up. */
  async function expectUntold(party: Party): Promise<void> {
    expect(await party.ends()).toEqual([]);
  }

  /** Once the path has healed, the answer to whatever they send next tells them. */
  async function expectToldOnceHealed(party: Party, outage: number): Promise<void> {
    await expectUntold(party);
    const healed = performance.now();
    await party.site.heal();
    await party.clients.ask('say', 'note');
    const ends = await party.untilClosed();
    for (const { code } of ends) expect(code).toBe(1006);
    // What was under way is sent again at intervals that double: about as late again as it is already.
    expect(performance.now() - healed).toBeLessThan(1.5 * outage + DELIVERY);
  }

  test.concurrent.each<[string, Side[]]>([
    ['in both directions', ['server', 'site']],
    ['towards the client', ['site']],
  ])(
    'is found dead in time where the path is cut %s, and learns of it when the path heals',
    async (_, ends) => {
      const parties = await gatherAll(`cut at ${ends.join(' and ')}`);
      await Promise.all(
        parties.map(async (party) => {
          const cut = performance.now();
          await Promise.all(ends.map((end) => party.site.lose(end)));
          await expectFoundDead(party);
          await expectToldOnceHealed(party, performance.now() - cut);
        }),
      );
    },
  );

  test.concurrent(
    'is found dead in time where the path is cut towards the server, and is told at once',
    async () => {
      const parties = await gatherAll('cut at server');
      await Promise.all(
        parties.map(async (party) => {
          await party.site.lose('server');
          const records = await expectFoundDead(party);
          const ends = await party.untilClosed();
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

  test.concurrent('finds out by itself, and in time, where it judges the server', async () => {
    const party = await (await lab()).gather('companion', { program: COMPANIONS });
    const before = party.clients.waitedForCpu();
    await Promise.all([party.site.lose('server'), party.site.lose('site')]);
    await expectFoundDead(party);
    const ends = await party.untilClosed<CompanionEnd>();
    const waited = party.clients.waitedForCpu() - before;
    expect(ends).toHaveLength(party.count);
    for (const { code, after } of ends) {
      expect(code).toBe(1006);
      expect(after).toBeGreaterThanOrEqual(POLICY.timeout);
      expect(after).toBeLessThan(POLICY.timeout + LAST_CALL + SLACK + waited);
    }
  });

  test.concurrent.each<Side>(['server', 'site'])(
    'is found dead in time where the link is down at the %s, and is not told',
    async (end) => {
      const parties = await gatherAll(`unplugged at ${end}`);
      await Promise.all(
        parties.map(async (party) => {
          await party.site.unplug(end);
          await expectFoundDead(party);
          await expectUntold(party);
        }),
      );
    },
  );

  test.concurrent('is found dead in time where only the client got a reset', async () => {
    const parties = await gatherAll('refused');
    await Promise.all(
      parties.map(async (party) => {
        const refused = performance.now();
        await party.site.refuse();
        const ends = await party.untilClosed();
        const after = performance.now() - refused;
        for (const { code } of ends) expect(code).toBe(1006);
        // A quiet client is reset when it answers the next ping.
        expect(after).toBeLessThan(POLICY.interval + DELIVERY);
        report(`${party.name}: reset after ${after.toFixed(0)} ms`);
        const records = await expectFoundDead(party);
        for (const { evicted } of records)
          expect(evicted[0]?.at).toBeGreaterThan(Number(ends.at(-1)?.at));
      }),
    );
  });

  test('on a link of its own disturbs nobody on another', async () => {
    await lab();
    await expectUndisturbed(neighbours);
  });
});

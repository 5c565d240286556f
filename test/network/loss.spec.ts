import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { expectInTime } from '../detection/in-time.js';
import { killAll } from '../support/child.js';
import { SLACK } from '../support/cpu-wait.js';
import type { End } from '../support/namespaces.js';
import { report } from '../support/report.js';
import { Lab, sharedLab, onNetworks, type Manner, type Party } from './lab.js';
import { expectAllAlive } from './outcomes.js';

/*
 * TCP sends again what is lost, at intervals that double, so a try that fails makes the silence about twice as
 * long: between 200 ms, Linux's first interval, and 8.5 s there is time for seven tries, and with a first
 * interval of 10 ms for eleven. All fail once in 10 million times at 10 % loss; in 500 000 times at 30 %.
 */
const POLICY = { interval: 1_000, timeout: 9_500 };
const DURATION = 2.5 * POLICY.timeout;
const CLIENTS = 10;
const BOTH: End[] = ['server', 'site'];

afterAll(killAll);

onNetworks()('a link that loses', () => {
  const lab = sharedLab(() => Lab.open(POLICY));

  /** Loses a share of the packets at some ends, for a while. */
  async function suffer(
    name: string,
    share: number,
    ends: End[],
    manner: Manner,
    at?: Lab,
  ): Promise<Party> {
    const party = await (at ?? (await lab())).gather(name, { count: CLIENTS, ...manner });
    await Promise.all(ends.map((end) => party.site.lose(end, share)));
    await delay(DURATION);
    // The loss was real.
    for (const end of ends) expect(await party.site.lost(end)).toBeGreaterThan(CLIENTS);
    await party.site.heal();
    return party;
  }

  // What is lost towards the server comes again within a few ms: that is hardly felt.
  test.concurrent.each<[string, number, End[], Manner, isFelt?: boolean]>([
    ['10 % in both directions', 0.1, BOTH, {}],
    ['30 % towards the client', 0.3, ['site'], { insists: true }],
    ['30 % towards the server', 0.3, ['server'], { insists: true }, false],
    [
      '20 % in both directions, on a way that takes 300 ± 250 ms',
      0.2,
      BOTH,
      { insists: true, delay: { least: 50, most: 550 } },
    ],
  ])(
    '%s closes nobody',
    async (name, share, ends, manner, isFelt = true) => {
      const party = await suffer(name, share, ends, manner);
      await party.untilHeardAgain();
      const records = await expectAllAlive(party);
      const longest = Math.max(...records.map(({ longestSilence }) => longestSilence));
      report(`${name}: silent for ${longest.toFixed(0)} of ${POLICY.timeout} ms`);
      expect(longest).toBeGreaterThan(POLICY.interval + (isFelt ? 100 : 0));
    },
    60_000,
  );

  // Acknowledgements are lost as well here, and silences have no bound that a test could wait for: a client that
  // was silent for the timeout is closed, and no other. At 60 % four tries in a row fail every second time.
  test.concurrent.each([
    { share: 0.3, times: POLICY, manner: { insists: true }, least: 0 },
    { share: 0.6, times: { interval: 500, timeout: 2_000 }, manner: {}, least: 1 },
  ])(
    '$share in both directions closes exactly the clients that were silent for the timeout',
    async ({ share, times, manner, least }) => {
      const own = await Lab.open(times);
      try {
        const party = await suffer(`${share} in both directions`, share, BOTH, manner, own);
        const records = await party.records();
        const closed = records.filter(({ evicted }) => evicted.length > 0);
        const kept = records.filter(({ evicted }) => evicted.length === 0);
        report(`${share} in both directions: closed ${closed.length} of ${CLIENTS}`);
        expect(records).toHaveLength(CLIENTS);
        expect(closed.length).toBeGreaterThanOrEqual(least);
        const bounds = { ...times, tick: own.tick, waited: party.serverWaited() };
        for (const record of closed) {
          expect(record.evicted).toMatchObject([{ cause: 'unresponsive', code: 1006 }]);
          expectInTime(record, bounds);
        }
        const longest = times.timeout * 1.1 + own.tick + SLACK + bounds.waited;
        for (const { longestSilence } of kept) expect(longestSilence).toBeLessThan(longest);
        for (const { disconnected, evicted } of records) expect(disconnected).toBe(evicted.length);
      } finally {
        own.close();
      }
    },
    60_000,
  );
});

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
    { at, duration = DURATION }: { at?: Lab; duration?: number } = {},
  ): Promise<Party> {
    const party = await (at ?? (await lab())).gather(name, { count: CLIENTS, ...manner });
    await Promise.all(ends.map((end) => party.site.lose(end, share)));
    await delay(duration);
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

  /** A client that was silent for the timeout is closed, and no other. Returns how many were closed. */
  async function expectOnlySilentClosed(party: Party): Promise<number> {
    const { policy, tick } = party.lab;
    const bounds = { timeout: policy.timeout, tick, waited: party.serverWaited() };
    const records = await party.records();
    expect(records).toHaveLength(CLIENTS);
    const closed = records.filter(({ evicted }) => evicted.length > 0);
    report(`${party.name}: closed ${closed.length} of ${CLIENTS}`);
    for (const record of closed) {
      expect(record.evicted).toMatchObject([{ cause: 'unresponsive', code: 1006 }]);
      expectInTime(record, bounds);
    }
    const longest = policy.timeout * 1.1 + tick + SLACK + bounds.waited;
    for (const { longestSilence } of records) expect(longestSilence).toBeLessThan(longest);
    for (const { disconnected, evicted } of records) expect(disconnected).toBe(evicted.length);
    return closed.length;
  }

  // Acknowledgements are lost as well here, and silences have no bound that a test could wait for.
  test.concurrent(
    '30 % in both directions closes nobody but who was silent for the timeout',
    async () => {
      const manner = { insists: true };
      await expectOnlySilentClosed(await suffer('30 % in both directions', 0.3, BOTH, manner));
    },
    60_000,
  );

  // Four tries in a row, as many as fit into 2 s, fail every second time: some clients are silent for so long.
  test.concurrent(
    '60 % in both directions closes those who were silent for the timeout',
    async () => {
      const timeout = 2_000;
      const at = await Lab.open({ interval: 500, timeout });
      try {
        const party = await suffer(
          '60 % in both directions',
          0.6,
          BOTH,
          {},
          { at, duration: 6 * timeout },
        );
        expect(await expectOnlySilentClosed(party)).toBeGreaterThan(0);
      } finally {
        at.close();
      }
    },
    60_000,
  );
});

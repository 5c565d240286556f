import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { expectInTime } from '../detection/in-time.js';
import { killAll } from '../support/child.js';
import { SLACK } from '../support/cpu-wait.js';
import type { End } from '../support/namespaces.js';
import { report } from '../support/report.js';
import { Lab, sharedLab, onNetworks, type ClientSettings, type ClientGroup } from './lab.js';
import { expectAllAlive } from './outcomes.js';

/*
 * TCP retransmits lost packets at intervals that double, so each failed attempt doubles the silence. Between 200 ms,
 * the first interval of Linux, and 8.5 s there is time for seven attempts; with a first interval of 10 ms for eleven.
 * The probability that all fail is 1 in 10 million at 10 % loss, and 1 in 500 000 at 30 %.
 */
const POLICY = { interval: 1_000, timeout: 9_500 };
const DURATION = 2.5 * POLICY.timeout;
const CLIENTS = 10;
const BOTH: End[] = ['server', 'site'];

afterAll(killAll);

onNetworks()('packet loss of', () => {
  const lab = sharedLab(() => Lab.open(POLICY));

  /** Connects clients and drops a share of the packets for `duration`. */
  async function withLoss(
    name: string,
    share: number,
    ends: End[],
    settings: ClientSettings,
    { at, duration = DURATION }: { at?: Lab; duration?: number } = {},
  ): Promise<ClientGroup> {
    const group = await (at ?? (await lab())).addClients(name, { count: CLIENTS, ...settings });
    await Promise.all(ends.map((end) => group.site.lose(end, share)));
    await delay(duration);
    // Packets were lost.
    for (const end of ends) expect(await group.site.lost(end)).toBeGreaterThan(CLIENTS);
    await group.site.heal();
    return group;
  }

  // Packets to the server are retransmitted within a few ms, which hardly extends the silence.
  test.concurrent.each<[string, number, End[], ClientSettings, extendsSilence?: boolean]>([
    ['10 % in both directions', 0.1, BOTH, {}],
    ['30 % towards the client', 0.3, ['site'], { fastRetransmission: true }],
    ['30 % towards the server', 0.3, ['server'], { fastRetransmission: true }, false],
    [
      '20 % in both directions, with a delay of 300 ± 250 ms',
      0.2,
      BOTH,
      { fastRetransmission: true, delay: { least: 50, most: 550 } },
    ],
  ])(
    '%s closes no connection',
    async (name, share, ends, settings, extendsSilence = true) => {
      const group = await withLoss(name, share, ends, settings);
      await group.untilAlive();
      const records = await expectAllAlive(group);
      const longest = Math.max(...records.map(({ longestSilence }) => longestSilence));
      report(`${name}: silence of ${longest.toFixed(0)} of ${POLICY.timeout} ms`);
      expect(longest).toBeGreaterThan(POLICY.interval + (extendsSilence ? 100 : 0));
    },
    60_000,
  );

  /** Expects that exactly the clients that were silent for the timeout are closed. Returns their number. */
  async function expectOnlySilentClosed(group: ClientGroup): Promise<number> {
    const { policy, tick } = group.lab;
    const bounds = { timeout: policy.timeout, tick, waited: group.serverWaited() };
    const records = await group.records();
    expect(records).toHaveLength(CLIENTS);
    const closed = records.filter(({ evicted }) => evicted.length > 0);
    report(`${group.name}: closed ${closed.length} of ${CLIENTS}`);
    for (const record of closed) {
      expect(record.evicted).toMatchObject([{ cause: 'unresponsive', code: 1006 }]);
      expectInTime(record, bounds);
    }
    const longest = policy.timeout * 1.1 + tick + SLACK + bounds.waited;
    for (const { longestSilence } of records) expect(longestSilence).toBeLessThan(longest);
    for (const { disconnected, evicted } of records) expect(disconnected).toBe(evicted.length);
    return closed.length;
  }

  // Acknowledgements are lost as well, so the silence has no upper bound, and some clients may be closed.
  test.concurrent(
    '30 % in both directions closes only clients that were silent for the timeout',
    async () => {
      const settings = { fastRetransmission: true };
      await expectOnlySilentClosed(await withLoss('30 % in both directions', 0.3, BOTH, settings));
    },
    60_000,
  );

  // Four attempts fit into 2 s. All four fail with a probability of one half, so some clients are silent for that long.
  test.concurrent(
    '60 % in both directions closes the clients that were silent for the timeout',
    async () => {
      const timeout = 2_000;
      const at = await Lab.open({ interval: 500, timeout });
      try {
        const group = await withLoss(
          '60 % in both directions',
          0.6,
          BOTH,
          {},
          { at, duration: 6 * timeout },
        );
        expect(await expectOnlySilentClosed(group)).toBeGreaterThan(0);
      } finally {
        at.close();
      }
    },
    60_000,
  );
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import type { End } from '../support/namespaces.js';
import { report } from '../support/report.js';
import { Lab, sharedLab, onNetworks } from './lab.js';
import { expectAllAlive } from './outcomes.js';

/*
 * An outage of so many ms is a silence of up to twice as many: what was lost is sent again at intervals that
 * double, and the next try may come just before the path heals. A ping follows on at most `interval` of
 * silence, so all is well as long as twice the outage fits between `interval` and `timeout`.
 */
const POLICY = { interval: 1_000, timeout: 7_000 };
const MARGIN = POLICY.timeout - POLICY.interval;

afterAll(killAll);

onNetworks()('an outage that heals', () => {
  const lab = sharedLab(() => Lab.open(POLICY));

  test.concurrent.each<[number, string, End[]]>([
    [0.3, 'in both directions', ['server', 'site']],
    [0.3, 'towards the client', ['site']],
    [0.3, 'towards the server', ['server']],
    [0.45, 'in both directions', ['server', 'site']],
    [0.45, 'towards the client', ['site']],
    [0.45, 'towards the server', ['server']],
  ])(
    'after %f of the time between interval and timeout, %s, closes nobody',
    async (part, _, ends) => {
      const outage = part * MARGIN;
      const party = await (await lab()).gather(`${part}, ${ends.join(' and ')}`, { count: 12 });
      for (let time = 1; time <= 2; time++) {
        await Promise.all(ends.map((end) => party.site.lose(end)));
        await delay(outage);
        await party.site.heal();
        await party.untilHeardAgain();
      }
      const records = await expectAllAlive(party);
      const silences = records.map(({ longestSilence }) => longestSilence);
      report(
        `${outage} ms at ${ends.join(' and ')}: silent for ${Math.max(...silences).toFixed(0)} of ${POLICY.timeout} ms`,
      );
      // All of them felt it: whoever was pinged just before had an `interval` of peace.
      for (const silence of silences) expect(silence).toBeGreaterThan(outage - POLICY.interval);
      expect(Math.max(...silences)).toBeGreaterThan(outage);
    },
  );
});

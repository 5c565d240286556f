import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import type { End } from '../support/namespaces.js';
import { report } from '../support/report.js';
import { Lab, sharedLab, onNetworks } from './lab.js';
import { expectAllAlive } from './outcomes.js';

/*
 * An outage causes a silence of up to twice its length: TCP retransmits at intervals that double, and an attempt may
 * fail just before the path works again. A ping follows after at most `interval` of silence. So no client is closed
 * while twice the outage fits between `interval` and `timeout`.
 */
const POLICY = { interval: 1_000, timeout: 7_000 };
const MARGIN = POLICY.timeout - POLICY.interval;

afterAll(killAll);

onNetworks()('an outage', () => {
  const lab = sharedLab(() => Lab.open(POLICY));

  test.concurrent.each<[number, string, End[]]>([
    [0.3, 'in both directions', ['server', 'site']],
    [0.3, 'towards the client', ['site']],
    [0.3, 'towards the server', ['server']],
    [0.45, 'in both directions', ['server', 'site']],
    [0.45, 'towards the client', ['site']],
    [0.45, 'towards the server', ['server']],
  ])(
    'of %f of the time between interval and timeout, %s, closes no connection',
    async (part, _, ends) => {
      const outage = part * MARGIN;
      const group = await (await lab()).addClients(`${part}, ${ends.join(' and ')}`, { count: 12 });
      for (let count = 1; count <= 2; count++) {
        await Promise.all(ends.map((end) => group.site.lose(end)));
        await delay(outage);
        await group.site.heal();
        await group.untilAlive();
      }
      const records = await expectAllAlive(group);
      const silences = records.map(({ longestSilence }) => longestSilence);
      report(
        `${outage} ms at ${ends.join(' and ')}: silence of ${Math.max(...silences).toFixed(0)} of ${POLICY.timeout} ms`,
      );
      // The outage affected all clients. One that was pinged just before it had up to an `interval` of it without a ping.
      for (const silence of silences) expect(silence).toBeGreaterThan(outage - POLICY.interval);
      expect(Math.max(...silences)).toBeGreaterThan(outage);
    },
  );
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { onlyEviction } from '../detection/in-time.js';
import { killAll } from '../support/child.js';
import { report } from '../support/report.js';
import { Lab, onNetworks } from './lab.js';
import { expectAllAlive, expectDetected } from './outcomes.js';

const POLICY = { interval: 500, timeout: 1_500 };
/** Durations for which the server is stopped, in timeouts. */
const LENGTHS = [0.5, 1, 3];
const LIMIT = 90_000;

afterAll(killAll);

onNetworks()('a server whose process is stopped', () => {
  test.concurrent.each([
    ['right after', 0],
    ['a third of the interval after', 1 / 3],
    ['two thirds of the interval after', 2 / 3],
  ])(
    '%s a ping closes no client that is alive, and detects the dead ones within the timeout, less the stop',
    async (_, phase) => {
      const lab = await Lab.open(POLICY);
      try {
        const healthy = await lab.addClients('healthy', { count: 30, latency: 100 });
        const first = await lab.addClients('first', { count: 1 });
        for (const length of LENGTHS) {
          const dying = await lab.addClients(`dying for ${length}`);
          await first.clients.request('untilPinged', 1);
          await delay(phase * POLICY.interval);
          await Promise.all([dying.site.lose('server'), dying.site.lose('site')]);
          const stopped = await lab.server.freezeFor(length * POLICY.timeout);
          const records = await expectDetected(dying, stopped);
          for (const record of records) {
            // The time for which the server was stopped does not count, except for one tick.
            const adjusted = onlyEviction(record).after - stopped;
            expect(adjusted).toBeGreaterThanOrEqual(POLICY.timeout - lab.tick);
          }
          const [least = NaN, most = NaN] = [Math.min, Math.max].map((end) =>
            end(...records.map((record) => onlyEviction(record).after - stopped)),
          );
          report(
            `stopped for ${stopped.toFixed(0)} ms, dead after another ${least.toFixed(0)}–${most.toFixed(0)} ms`,
          );
          await healthy.clients.request('untilPinged', 2);
          await expectAllAlive(healthy);
        }
      } finally {
        lab.close();
      }
    },
    LIMIT,
  );
});

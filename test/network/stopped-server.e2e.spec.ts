import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { onlyVerdict } from '../detection/in-time.js';
import { killAll } from '../support/child.js';
import { report } from '../support/report.js';
import { Lab, onNetworks } from './lab.js';
import { expectAllAlive, expectFoundDead } from './outcomes.js';

const POLICY = { interval: 500, timeout: 1_500 };
/** How long the server is stopped, in timeouts. */
const LENGTHS = [0.5, 1, 3];
const LIMIT = 90_000;

afterAll(killAll);

onNetworks()('a server whose process is stopped', () => {
  test.concurrent.each([
    ['right after', 0],
    ['a third of the interval after', 1 / 3],
    ['two thirds of the interval after', 2 / 3],
  ])(
    '%s a ping closes nobody who is there, and finds who died meanwhile in the time that it ran',
    async (_, phase) => {
      const lab = await Lab.open(POLICY);
      try {
        const healthy = await lab.gather('healthy', { count: 30, latency: 100 });
        const first = await lab.gather('first', { count: 1 });
        for (const length of LENGTHS) {
          const doomed = await lab.gather(`doomed for ${length}`);
          await first.clients.ask('untilPinged', 1);
          await delay(phase * POLICY.interval);
          await Promise.all([doomed.site.lose('server'), doomed.site.lose('site')]);
          const stopped = await lab.server.freezeFor(length * POLICY.timeout);
          const records = await expectFoundDead(doomed, stopped);
          for (const record of records) {
            // The time for which the server was stopped is nobody's silence, but for one tick of it.
            const attended = onlyVerdict(record).after - stopped;
            expect(attended).toBeGreaterThanOrEqual(POLICY.timeout - lab.tick);
          }
          const [least = NaN, most = NaN] = [Math.min, Math.max].map((end) =>
            end(...records.map((record) => onlyVerdict(record).after - stopped)),
          );
          report(
            `stopped for ${stopped.toFixed(0)} ms, dead after ${least.toFixed(0)}–${most.toFixed(0)} ms besides`,
          );
          await healthy.clients.ask('untilPinged', 2);
          await expectAllAlive(healthy);
        }
      } finally {
        lab.close();
      }
    },
    LIMIT,
  );
});

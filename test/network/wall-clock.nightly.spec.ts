import { afterAll, expect, test } from '@jest/globals';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { killAll } from '../support/child.js';
import type { Stamp } from '../support/programs/recording.server.js';
import { WallClock } from '../support/wall.clock.js';
import { Lab, onNetworks } from './lab.js';
import { expectAllAlive, expectDetected } from './outcomes.js';

const POLICY = { interval: 1_000, timeout: 2_500 };
const HOUR = 3_600_000;
/** Maximum difference between two clocks that are read one after the other, ms. */
const TOLERANCE = 5_000;

afterAll(killAll);

onNetworks('faketime')('setting the wall clock', () => {
  test.concurrent.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])(
    '%s by an hour closes no client that is alive, delays no detection, and changes epoch times only',
    async (_, step) => {
      const clock = new WallClock();
      const lab = await Lab.open(POLICY, { env: clock.env });
      try {
        const healthy = await lab.addClients('healthy');
        const silent = await lab.addClients('silent');
        // The clock is set while one group is suspect and another answers pings.
        silent.clients.freeze();
        await silent.untilSuspected();
        clock.set(step);
        const wall = await lab.server.request<number>('wall');
        expect(Math.abs(wall - Date.now() - step)).toBeLessThan(TOLERANCE);
        await expectDetected(silent);

        // Another group connects and dies afterwards.
        const dying = await lab.addClients('dying');
        dying.clients.freeze();
        await expectDetected(dying);
        await healthy.clients.request('untilPinged', 2);
        await expectAllAlive(healthy);

        const stamps = await lab.server.request<Stamp[]>('stamps');
        for (const { at, wall: shown } of stamps) {
          expect(Number.isInteger(at)).toBe(true);
          expect(Math.abs(shown - at)).toBeLessThan(TOLERANCE);
        }
        const connects = stamps.filter(({ type }) => type === 'connected');
        for (const { at, connectedAt } of connects) {
          expect(Math.abs(at - Number(connectedAt))).toBeLessThan(TOLERANCE);
        }
        // The times of earlier connections are not adjusted.
        const [before, after] = [connects[0]?.at, connects.at(-1)?.at].map(Number) as [
          number,
          number,
        ];
        expect(Math.abs(after - before - step)).toBeLessThan(4 * POLICY.timeout);
        const { at, totals, loopDelay } = await lab.server.request<HeartbeatSnapshot>('snapshot');
        expect(Math.abs(at - Date.now() - step)).toBeLessThan(TOLERANCE);
        expect(loopDelay).toBeLessThan(HOUR / 2);
        expect(totals.evicted.unresponsive).toBe(silent.count + dying.count);
        // The jump is not a stall, because stalls are measured by the monotonic clock.
        for (const { duration } of await lab.server.request<{ duration: number }[]>('stalls')) {
          expect(duration).toBeLessThan(HOUR / 2);
        }
      } finally {
        lab.close();
        clock.remove();
      }
    },
  );
});

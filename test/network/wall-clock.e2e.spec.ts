import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { killAll } from '../support/child.js';
import type { Stamp } from '../support/programs/recording.server.js';
import { Lab, onNetworks } from './lab.js';
import { expectAllAlive, expectFoundDead } from './outcomes.js';

const POLICY = { interval: 1_000, timeout: 2_500 };
const HOUR = 3_600_000;
/** Between a clock that was read here and one that was read there. Milliseconds. */
const APART = 5_000;

/** A wall clock that can be set for one process, as by an administrator, while its monotonic clock goes on. */
class WallClock {
  private readonly folder = mkdtempSync(join(tmpdir(), 'heartbeat-clock-'));
  private readonly file = join(this.folder, 'offset');

  constructor() {
    this.set(0);
  }

  /** What a process needs in its environment to see this clock. */
  get env(): Record<string, string> {
    const library = execFileSync('faketime', ['-m', '-f', '+0s', 'printenv', 'LD_PRELOAD']);
    return {
      LD_PRELOAD: library.toString().trim(),
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    };
  }

  /** Sets the clock so many ms before or after the right time. */
  set(offset: number): void {
    writeFileSync(`${this.file}.new`, `${offset < 0 ? '' : '+'}${offset / 1_000}`);
    renameSync(`${this.file}.new`, this.file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

afterAll(killAll);

onNetworks('faketime')('a wall clock that is set', () => {
  test.concurrent.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])(
    '%s by an hour closes nobody, hides no death, and shows in epoch times alone',
    async (_, step) => {
      const clock = new WallClock();
      const lab = await Lab.open(POLICY, { env: clock.env });
      try {
        const healthy = await lab.gather('healthy');
        const silent = await lab.gather('silent');
        // The clock is set while some are silent already, and others just answer.
        silent.clients.freeze();
        await silent.untilSuspected();
        clock.set(step);
        const wall = await lab.server.ask<number>('wall');
        expect(Math.abs(wall - Date.now() - step)).toBeLessThan(APART);
        await expectFoundDead(silent);

        // And others die, or come, after it.
        const doomed = await lab.gather('doomed');
        doomed.clients.freeze();
        await expectFoundDead(doomed);
        await healthy.clients.ask('untilPinged', 2);
        await expectAllAlive(healthy);

        const stamps = await lab.server.ask<Stamp[]>('stamps');
        for (const { at, wall: shown } of stamps) {
          expect(Number.isInteger(at)).toBe(true);
          expect(Math.abs(shown - at)).toBeLessThan(APART);
        }
        const came = stamps.filter(({ type }) => type === 'connected');
        for (const { at, connectedAt } of came) {
          expect(Math.abs(at - Number(connectedAt))).toBeLessThan(APART);
        }
        // Who came before keeps the time of then: an hour that nobody lived through lies between.
        const [before, after] = [came[0]?.at, came.at(-1)?.at].map(Number) as [number, number];
        expect(Math.abs(after - before - step)).toBeLessThan(4 * POLICY.timeout);
        const { at, totals, loopDelay } = await lab.server.ask<HeartbeatSnapshot>('snapshot');
        expect(Math.abs(at - Date.now() - step)).toBeLessThan(APART);
        expect(loopDelay).toBeLessThan(HOUR / 2);
        expect(totals.evicted.unresponsive).toBe(silent.count + doomed.count);
        // The jump is no stall: our own monotonic clock knows nothing of it.
        for (const { duration } of await lab.server.ask<{ duration: number }[]>('stalls')) {
          expect(duration).toBeLessThan(HOUR / 2);
        }
      } finally {
        lab.close();
        clock.remove();
      }
    },
  );
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { report } from '../../support/report.js';
import type { StreamBench, StreamClients, TransferOutcome } from './stream.bench.js';
import { describeTransfer, type Transfer } from './transfer.js';

/** How long a busy machine may take to start the processes, and for one cell. Milliseconds. */
const STARTING = 120_000;
const RUNNING = 240_000;

/**
 * Tests that no client of these cells is evicted, and that each transfer arrives whole. They run side by side. The
 * clients of a group live in one process, which `place` starts.
 */
export function testHealthyCells(
  groups: readonly (readonly Transfer[])[],
  start: () => Promise<StreamBench>,
  place: (bench: StreamBench, group: readonly Transfer[]) => Promise<StreamClients>,
): void {
  const runs = new Map<string, Promise<TransferOutcome>>();
  let bench: StreamBench | undefined;

  beforeAll(async () => {
    const started = (bench = await start());
    const clients = await Promise.all(groups.map((group) => place(started, group)));
    for (const [index, group] of groups.entries()) {
      const own = clients[index];
      if (own === undefined) continue;
      for (const cell of group) {
        const run = started.run(own, cell);
        run.catch(() => {});
        runs.set(cell.id, run);
      }
    }
  }, STARTING);
  afterAll(async () => {
    await killAll();
    bench?.close();
  });

  test.each(groups.flat().map((cell): [string, Transfer] => [describeTransfer(cell), cell]))(
    '%s',
    async (name, { id, pace }) => {
      const outcome = await runs.get(id);
      if (outcome === undefined) throw new Error('This cell was not run');
      const { sent, received, waited, duration, server } = outcome;
      report(`${name}: took ${duration.toFixed(0)} ms, the queue waited ${waited.toFixed(0)} ms`);
      expect(server.evicted).toEqual([]);
      expect(received).toEqual(sent);
      expect(server.disconnected).toMatchObject([{ code: 1000 }]);
      // Otherwise the cell is void: the queue did not wait for so long that it could have been mistaken.
      expect(waited).toBeGreaterThan(pace.timeout);
    },
    RUNNING,
  );
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { report } from '../../support/report.js';
import type { Cell, Fault } from './cells.js';
import { expectEvictedInTime } from './in-bound.js';
import type { StreamBench, StreamClients } from './stream.bench.js';
import type { StreamRecord } from './stream.record.js';
import { describeTransfer } from './transfer.js';

/** A cell whose client dies in the middle, and where its client runs. */
export interface DeadCell extends Omit<Cell, 'fault'> {
  readonly fault: Fault | 'only speaks';
}

/** How long a busy machine may take to start the processes, and for one cell. Milliseconds. */
const STARTING = 120_000;
const RUNNING = 240_000;

/** Whether a cell needs network namespaces: only between them packets can be lost. */
export function isOnNetwork({ fault, transport }: DeadCell): boolean {
  return fault === 'is cut off' && transport !== 'unix';
}

interface Death {
  readonly tick: number;
  /** What had happened until the fault. */
  readonly half: { readonly passed: number; readonly waited: number };
  readonly server: StreamRecord;
}

/**
 * Tests that the client of each cell, which dies in the middle of its transfer, is evicted within the bound. The cells
 * run side by side. The clients of a group live in one process, which `place` starts. A process that is stopped stops all
 * of its clients, and a site that is cut off cuts off all of its clients.
 */
export function testDeadCells(
  groups: readonly (readonly DeadCell[])[],
  start: () => Promise<StreamBench>,
  place: (bench: StreamBench, group: readonly DeadCell[]) => Promise<StreamClients>,
): void {
  const runs = new Map<string, Promise<Death>>();
  let bench: StreamBench | undefined;

  async function die(started: StreamBench, cell: DeadCell, clients: StreamClients): Promise<Death> {
    await started.runHalf(clients, cell);
    const half = await started.progress(clients, cell);
    await befall(cell, clients);
    return { tick: started.tick, half, server: await started.untilGone(cell) };
  }

  beforeAll(async () => {
    const started = (bench = await start());
    const clients = await Promise.all(groups.map((group) => place(started, group)));
    for (const [index, group] of groups.entries()) {
      const own = clients[index];
      if (own === undefined) continue;
      for (const cell of group) {
        const run = die(started, cell, own);
        run.catch(() => {});
        runs.set(cell.id, run);
      }
    }
  }, STARTING);
  afterAll(async () => {
    await killAll();
    bench?.close();
  });

  test.each(groups.flat().map((cell): [string, DeadCell] => [nameOf(cell), cell]))(
    '%s',
    async (name, cell) => {
      const death = await runs.get(cell.id);
      if (death === undefined) throw new Error('This cell was not run');
      const { half, server, tick } = death;
      // Otherwise the cell is void: nothing waited, or all of it had passed.
      expect(half.passed).toBeLessThan(0.75 * cell.pace.size);
      expect(half.waited).toBeGreaterThan(0);
      const { sender, pace } = cell;
      expect(server.waited).toBeGreaterThanOrEqual(sender === 'server' ? pace.timeout : 0);
      const cause = cell.fault === 'only speaks' ? 'slow-consumer' : 'unresponsive';
      const { after } = expectEvictedInTime(server, cell.pace, tick, cause);
      report(`${name}: ${cause} after ${after.toFixed(0)} of ${cell.pace.timeout} ms`);
    },
    RUNNING,
  );
}

function nameOf(cell: DeadCell): string {
  return `${describeTransfer(cell)}: the client ${cell.fault}`;
}

async function befall(
  { id, fault, pace }: DeadCell,
  { process, site }: StreamClients,
): Promise<void> {
  if (fault === 'is stopped') process.freeze();
  else if (fault === 'only speaks') await process.ask('speakOnly', id, pace.interval / 2);
  else if (fault === 'is cut off' && site !== undefined) {
    await Promise.all([site.lose('server'), site.lose('site')]);
  }
  // The path to a Unix socket, such as a proxy's, cannot lose packets: cut off, it passes nothing any more.
  else await process.ask('hang', id);
}

import { expect } from '@jest/globals';
import { report } from '../../support/report.js';
import type { Cell, Fault } from './cells.js';
import { expectEvictedInTime } from './in-bound.js';
import { runCells } from './run-cells.js';
import type { StreamBench, StreamClients } from './stream.bench.js';
import type { StreamRecord } from './stream.record.js';
import { describeTransfer } from './transfer.js';

/** A cell whose client fails in the middle of its transfer, and where that client runs. */
export interface DeadCell extends Omit<Cell, 'fault'> {
  readonly fault: Fault | 'only sends';
}

/** Whether a cell needs network namespaces: packets can be lost only between them. */
export function isOnNetwork({ fault, transport }: DeadCell): boolean {
  return fault === 'is cut off' && transport !== 'unix';
}

interface Death {
  readonly tick: number;
  /** The progress before the fault. */
  readonly half: { readonly passed: number; readonly waited: number };
  readonly server: StreamRecord;
}

/**
 * Tests that the client of each cell, which fails in the middle of its transfer, is evicted within the bound. The cells
 * run side by side. The clients of a group live in one process, which `place` starts. A process that is stopped stops all
 * of its clients, and a site that is cut off cuts off all of its clients.
 */
export function testDeadCells(
  groups: readonly (readonly DeadCell[])[],
  start: () => Promise<StreamBench>,
  place: (bench: StreamBench, group: readonly DeadCell[]) => Promise<StreamClients>,
): void {
  runCells({ groups, start, place }, nameOf, die, (name, cell, { half, server, tick }) => {
    // Otherwise the cell proves nothing: no byte waited, or all had passed.
    expect(half.passed).toBeLessThan(0.75 * cell.pace.size);
    expect(half.waited).toBeGreaterThan(0);
    const { sender, pace } = cell;
    expect(server.waited).toBeGreaterThanOrEqual(sender === 'server' ? pace.timeout : 0);
    const cause = cell.fault === 'only sends' ? 'slow-consumer' : 'unresponsive';
    const { after } = expectEvictedInTime(server, pace, tick, cause);
    report(`${name}: ${cause} after ${after.toFixed(0)} of ${pace.timeout} ms`);
  });
}

async function die(bench: StreamBench, cell: DeadCell, clients: StreamClients): Promise<Death> {
  await bench.runHalf(clients, cell);
  const half = await bench.progress(clients, cell);
  await inject(cell, clients);
  return { tick: bench.tick, half, server: await bench.untilGone(cell) };
}

function nameOf(cell: DeadCell): string {
  return `${describeTransfer(cell)}: the client ${cell.fault}`;
}

async function inject(
  { id, fault, pace }: DeadCell,
  { process, site }: StreamClients,
): Promise<void> {
  if (fault === 'is stopped') process.freeze();
  else if (fault === 'only sends') await process.request('sendOnly', id, pace.interval / 2);
  else if (fault === 'is cut off' && site !== undefined) {
    await Promise.all([site.lose('server'), site.lose('site')]);
  }
  // The path to a Unix socket cannot lose packets: when it is cut off, it forwards nothing.
  else await process.request('hang', id);
}

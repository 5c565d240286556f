import { expect } from '@jest/globals';
import { report } from '../../support/report.js';
import { runCells } from './run-cells.js';
import type { StreamBench, StreamClients } from './stream.bench.js';
import { describeTransfer, type Transfer } from './transfer.js';

/**
 * Tests that no client of these cells is evicted, and that each transfer arrives whole. They run side by side. The
 * clients of a group live in one process, which `place` starts.
 */
export function testHealthyCells(
  groups: readonly (readonly Transfer[])[],
  start: () => Promise<StreamBench>,
  place: (bench: StreamBench, group: readonly Transfer[]) => Promise<StreamClients>,
): void {
  runCells(
    { groups, start, place },
    describeTransfer,
    (bench, cell, clients) => bench.run(clients, cell),
    (name, { pace }, { sent, received, waited, duration, server }) => {
      report(`${name}: took ${duration.toFixed(0)} ms, the queue waited ${waited.toFixed(0)} ms`);
      expect(server.evicted).toEqual([]);
      expect(received).toEqual(sent);
      expect(server.disconnected).toMatchObject([{ code: 1000 }]);
      // Otherwise the cell proves nothing: the queue did not wait long enough to be mistaken for a dead client.
      expect(waited).toBeGreaterThan(pace.timeout);
    },
  );
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killAll } from '../../support/child.js';
import type { StreamBench, StreamClients } from './stream.bench.js';
import type { Transfer } from './transfer.js';

/** How long a busy machine may take to start the processes, and for one cell. Milliseconds. */
const STARTING = 120_000;
const RUNNING = 240_000;

/** Where cells run: the clients of a group live in one process, which `place` starts. */
export interface Places<Cell> {
  readonly groups: readonly (readonly Cell[])[];
  readonly start: () => Promise<StreamBench>;
  readonly place: (bench: StreamBench, group: readonly Cell[]) => Promise<StreamClients>;
}

/** Runs all cells concurrently, and makes one test of the outcome of each. */
export function runCells<Cell extends Transfer, Outcome>(
  { groups, start, place }: Places<Cell>,
  nameOf: (cell: Cell) => string,
  run: (bench: StreamBench, cell: Cell, clients: StreamClients) => Promise<Outcome>,
  verify: (name: string, cell: Cell, outcome: Outcome) => void,
): void {
  const runs = new Map<string, Promise<Outcome>>();
  let bench: StreamBench | undefined;

  beforeAll(async () => {
    const started = (bench = await start());
    const clients = await Promise.all(groups.map((group) => place(started, group)));
    for (const [index, group] of groups.entries()) {
      const own = clients[index];
      if (own === undefined) continue;
      for (const cell of group) {
        const outcome = run(started, cell, own);
        outcome.catch(() => {});
        runs.set(cell.id, outcome);
      }
    }
  }, STARTING);
  afterAll(async () => {
    await killAll();
    bench?.close();
  });

  test.each(groups.flat().map((cell): [string, Cell] => [nameOf(cell), cell]))(
    '%s',
    async (name, cell) => {
      const outcome = await runs.get(cell.id);
      expect(outcome).toBeDefined();
      if (outcome !== undefined) verify(name, cell, outcome);
    },
    RUNNING,
  );
}

import { requires } from '../../support/requirements.js';
import { cellsOf, groupBy } from '../support/cells.js';
import { isOnNetwork, testDeadCells, type DeadCell } from '../support/dead.cells.js';
import { StreamBench } from '../support/stream.bench.js';
import { FAST, STEADY } from '../support/transfer.js';

const PACES = [FAST, STEADY];
const CELLS = PACES.flatMap(cellsOf).filter((cell) => !isOnNetwork(cell));
/** Downloads of clients that stop reading, but send heartbeats: one per transport, and both values of each other dimension. */
const SENDING = cellsOf(FAST)
  .filter(({ id }) => ['fast-tcp-0', 'fast-tls-0', 'fast-unix-1'].includes(id))
  .map((cell): DeadCell => ({ ...cell, id: `${cell.id}-sending`, fault: 'only sends' }));

requires('perl')('a client that dies in the middle of a long transfer is evicted in time', () => {
  testDeadCells(
    groupBy([...CELLS, ...SENDING], ({ id, fault }) => (fault === 'is stopped' ? id : 'others')),
    () => StreamBench.start(PACES),
    (bench, group) => bench.clients(group),
  );
});

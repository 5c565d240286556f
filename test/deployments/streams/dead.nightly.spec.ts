import { cellsOf, groupBy } from '../support/cells.js';
import { testDeadCells, type DeadCell } from '../support/dead.cells.js';
import { onLinks, placeOnNetwork, siteOf } from '../support/on-link.js';
import { StreamBench } from '../support/stream.bench.js';
import { DEFAULTS, LINK } from '../support/transfer.js';

const PACES = [DEFAULTS, LINK];
const CELLS: DeadCell[] = PACES.flatMap(cellsOf);

onLinks()('a client that dies in the middle of a transfer of 50 s is evicted in time', () => {
  testDeadCells(groupBy(CELLS, siteOf), () => StreamBench.startOnNetwork(PACES), placeOnNetwork);
});

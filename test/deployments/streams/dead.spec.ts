import { describe } from '@jest/globals';
import { requires } from '../../support/requirements.js';
import { cellsOf } from '../support/cells.js';
import { testDeadCells, type DeadCell } from '../support/dead.cells.js';
import { StreamBench } from '../support/stream.bench.js';
import { FAST, STEADY } from '../support/transfer.js';

const PACES = [FAST, STEADY];
const CELLS: DeadCell[] = PACES.flatMap(cellsOf);
/** Downloads of clients that read no more, but send heartbeats. */
const SPEAKING = cellsOf(FAST)
  .map((cell): DeadCell => ({ ...cell, sender: 'server', fault: 'only speaks' }))
  .map((cell) => ({ ...cell, id: `${cell.id}-speaking` }));

/** Packets are lost only between network namespaces. */
const isOnNetwork = ({ fault, transport }: DeadCell) =>
  fault === 'is cut off' && transport !== 'unix';

describe('a client that dies in the middle of a long transfer is evicted in time', () => {
  testDeadCells(
    [...CELLS.filter((cell) => !isOnNetwork(cell)), ...SPEAKING],
    () => StreamBench.start(PACES),
    (bench, cell) => bench.clients([cell]),
  );
});

requires(
  'root',
  'iptables',
  'ip',
  'network namespaces',
)('a client whose path is cut in the middle of a long transfer is evicted in time', () => {
  testDeadCells(
    CELLS.filter(isOnNetwork),
    () => StreamBench.startOnNetwork(PACES),
    (bench, cell) => bench.clients([cell], { site: true }),
  );
});

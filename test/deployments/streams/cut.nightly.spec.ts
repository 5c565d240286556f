import { requires } from '../../support/requirements.js';
import { cellsOf } from '../support/cells.js';
import { isOnNetwork, testDeadCells } from '../support/dead.cells.js';
import { StreamBench } from '../support/stream.bench.js';
import { FAST, STEADY } from '../support/transfer.js';

const PACES = [FAST, STEADY];

requires(
  'root',
  'iptables',
  'ip',
  'network namespaces',
)('a client whose path is cut in the middle of a long transfer is evicted in time', () => {
  testDeadCells(
    PACES.flatMap(cellsOf)
      .filter(isOnNetwork)
      .map((cell) => [cell]),
    () => StreamBench.startOnNetwork(PACES),
    (bench, group) => bench.clients(group, { site: true }),
  );
});

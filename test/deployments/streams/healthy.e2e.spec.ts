import { requires } from '../../support/requirements.js';
import { cellsOf } from '../support/cells.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { StreamBench } from '../support/stream.bench.js';
import { download, FAST, STEADY, UNLIMITED } from '../support/transfer.js';

const PACES = [FAST, STEADY];
/** Without limits, it is the ping that waits behind the message. */
const CELLS = [...PACES.flatMap(cellsOf), download(UNLIMITED)];

requires('perl')(
  'a client in the middle of a long transfer is kept, and the transfer arrives whole',
  () => {
    testHealthyCells(
      [CELLS],
      () => StreamBench.start([...PACES, UNLIMITED]),
      (bench, group) => bench.clients(group),
    );
  },
);

import { cellsOf, groupBy } from '../support/cells.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { healthySiteOf, onLinks, placeOnNetwork } from '../support/on-link.js';
import { StreamBench } from '../support/stream.bench.js';
import { DEFAULTS, DEFAULTS_UNLIMITED, download, LINK } from '../support/transfer.js';

const PACES = [DEFAULTS, LINK];
/** Without limits, it is the ping that waits behind the message. */
const CELLS = [...PACES.flatMap(cellsOf), download(DEFAULTS), download(DEFAULTS_UNLIMITED)];

onLinks()(
  'a client in the middle of a transfer of 50 s is kept, and the transfer arrives whole',
  () => {
    testHealthyCells(
      groupBy(CELLS, healthySiteOf),
      () => StreamBench.startOnNetwork([...PACES, DEFAULTS_UNLIMITED]),
      placeOnNetwork,
    );
  },
);

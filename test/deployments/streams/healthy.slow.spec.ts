import { cellsOf, groupBy } from '../support/cells.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { healthySiteOf, onLinks, placeOnNetwork } from '../support/on-link.js';
import { StreamBench } from '../support/stream.bench.js';
import { DEFAULTS, LINK } from '../support/transfer.js';

const PACES = [DEFAULTS, LINK];

onLinks()(
  'a client in the middle of a transfer of 50 s is kept, and the transfer arrives whole',
  () => {
    testHealthyCells(
      groupBy(PACES.flatMap(cellsOf), healthySiteOf),
      () => StreamBench.startOnNetwork(PACES),
      placeOnNetwork,
    );
  },
);

import { describe } from '@jest/globals';
import { cellsOf } from '../support/cells.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { StreamBench } from '../support/stream.bench.js';
import { FAST, STEADY } from '../support/transfer.js';

const PACES = [FAST, STEADY];

describe('a client in the middle of a long transfer is kept, and the transfer arrives whole', () => {
  testHealthyCells(
    [PACES.flatMap(cellsOf)],
    () => StreamBench.start(PACES),
    (bench, group) => bench.clients(group),
  );
});

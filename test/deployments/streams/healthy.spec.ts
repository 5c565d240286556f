import { describe } from '@jest/globals';
import { cellsOf } from '../support/cells.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { StreamBench, type StreamClients } from '../support/stream.bench.js';
import { FAST, STEADY } from '../support/transfer.js';

describe('a client in the middle of a long transfer is kept, and the transfer arrives whole', () => {
  const cells = [FAST, STEADY].flatMap(cellsOf);
  let clients: Promise<StreamClients> | undefined;
  testHealthyCells(
    cells,
    () => StreamBench.start([FAST, STEADY]),
    (bench) => (clients ??= bench.clients(cells)),
  );
});

import { requires } from '../../support/requirements.js';
import { cellsOf } from '../support/cells.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { StreamBench } from '../support/stream.bench.js';
import { FAST, STEADY, UNLIMITED, type Transfer } from '../support/transfer.js';

const PACES = [FAST, STEADY];
/** Without limits, too: then it is the ping that waits behind the message. */
const DOWNLOAD: Transfer = {
  id: 'unlimited',
  pace: UNLIMITED,
  transport: 'tcp',
  compression: false,
  sender: 'server',
  messages: 'one',
  liveness: 'transport',
};

requires('perl')(
  'a client in the middle of a long transfer is kept, and the transfer arrives whole',
  () => {
    testHealthyCells(
      [[...PACES.flatMap(cellsOf), DOWNLOAD]],
      () => StreamBench.start([...PACES, UNLIMITED]),
      (bench, group) => bench.clients(group),
    );
  },
);

import { requires } from '../../support/requirements.js';
import { testHealthyCells } from '../support/healthy.cells.js';
import { TRANSPORTS } from '../support/kinds.js';
import { StreamBench } from '../support/stream.bench.js';
import { FAST, type Pace, type Transfer } from '../support/transfer.js';

/** More than what the kernel keeps takes to read, less than the transfer takes. Milliseconds. */
const CLOSE_TIMEOUT = 3_000;

/** Void unless the close frame waited for longer than its time: the timeout is longer than that. */
const CLOSING: Pace = {
  ...FAST,
  name: 'closing',
  options: { ...FAST.options, closeTimeout: CLOSE_TIMEOUT },
};

requires('perl')(
  'a close frame that waits behind a slowly read message causes no termination',
  () => {
    testHealthyCells(
      [
        TRANSPORTS.map((transport): Transfer => ({
          id: transport,
          pace: CLOSING,
          transport,
          compression: transport === 'tls',
          sender: 'server',
          messages: transport === 'unix' ? 'many' : 'one',
          liveness: 'transport',
          closes: true,
        })),
      ],
      () => StreamBench.start([CLOSING]),
      (bench, group) => bench.clients(group),
    );
  },
);

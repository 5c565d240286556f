import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { report } from '../../support/report.js';
import { StreamBench } from '../support/stream.bench.js';
import { describeTransfer, FAST, type Transfer } from '../support/transfer.js';

afterAll(killAll);

const DOWNLOAD: Transfer = {
  id: 'download',
  pace: FAST,
  transport: 'tcp',
  compression: false,
  sender: 'server',
  messages: 'one',
  liveness: 'transport',
};

test('a client that reads one message for twice the timeout is kept and gets all of it', async () => {
  const bench = await StreamBench.start([FAST]);
  const { sent, received, waited, duration, server } = await bench.run(
    await bench.clients(),
    DOWNLOAD,
  );
  report(
    `${describeTransfer(DOWNLOAD)}: ${duration.toFixed(0)} ms, the queue waited ${waited.toFixed(0)} ms`,
  );
  expect(server.evicted).toEqual([]);
  expect(received).toEqual(sent);
  expect(waited).toBeGreaterThan(FAST.timeout);
});

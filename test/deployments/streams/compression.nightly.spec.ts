import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { report } from '../../support/report.js';
import { requires } from '../../support/requirements.js';
import { StreamBench } from '../support/stream.bench.js';
import { COMPRESSING, describeTransfer, type Transfer } from '../support/transfer.js';

const benches: StreamBench[] = [];
afterAll(async () => {
  await killAll();
  for (const bench of benches) bench.close();
});

/** How long the limits of earlier versions let more than 16 MiB wait. Milliseconds. */
const LONG = 1_000;

requires('perl')('a server that compresses', () => {
  test('counts nothing that it has not compressed yet as backlog of the client', async () => {
    const transfer: Transfer = {
      id: 'compressed',
      pace: COMPRESSING,
      transport: 'tcp',
      compression: true,
      sender: 'server',
      messages: 'one',
      liveness: 'transport',
    };
    const bench = await StreamBench.start([COMPRESSING]);
    benches.push(bench);
    const clients = await bench.clients([transfer], { unmetered: true });
    const { sent, received, duration, server } = await bench.run(clients, transfer);
    report(`${describeTransfer(transfer)}: took ${duration.toFixed(0)} ms`);
    expect(server.evicted).toEqual([]);
    expect(received).toEqual(sent);
    // Otherwise the test is void.
    expect(duration).toBeGreaterThan(LONG);
  });
});

import { expect, test } from '@jest/globals';
import type { LivenessService } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

/** The fastest of several batches, because other work on the machine only adds to a time. */
function fastest(liveness: LivenessService): number {
  const batch = () => {
    const start = performance.now();
    for (let call = 0; call < 50; call++) liveness.snapshot();
    return performance.now() - start;
  };
  return Math.min(...Array.from({ length: 200 }, batch));
}

test('snapshot() costs the same for 10 and for 200 clients', async () => {
  const { connect, liveness, url } = await startMonitored([ChatGateway], {
    interval: 60_000,
    timeout: 120_000,
    drain: false,
  });
  for (let count = 0; count < 10; count++) await connect('/chat');
  const few = fastest(liveness);
  await Promise.all(Array.from({ length: 190 }, () => connectRaw(`${url}/chat`)));
  expect(liveness.snapshot().servers).toMatchObject([{ alive: 200 }]);
  // A scan of all clients would take twenty times as long.
  expect(fastest(liveness)).toBeLessThan(3 * few);
});

import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { Lab, sharedLab, onNetworks, type ClientGroup } from './lab.js';
import { expectAllAlive, expectDetected, expectUndisturbed } from './outcomes.js';

const POLICY = { interval: 1_000, timeout: 4_000 };
/** Time that a busy machine may need to report the end of a process, ms. Shorter than the time until suspect. */
const DELIVERY = 2_000;

afterAll(killAll);

onNetworks()('a client whose process', () => {
  let neighbours: ClientGroup;
  const lab = sharedLab(async () => {
    const opened = await Lab.open(POLICY);
    neighbours = await opened.addClients('neighbour');
    return opened;
  });

  test.concurrent.each([
    ['quiet', undefined],
    ['talking', { event: 'note', every: 50 }],
    ['chatting', { event: 'echo', every: 50 }],
  ])(
    'is killed, %s, is disconnected at once by its kernel, without an eviction',
    async (kind, message) => {
      const group = await (await lab()).addClients(`killed, ${kind}`, { message: message });
      const killed = performance.now();
      await group.clients.kill();
      const records = await group.untilGone();
      expect(performance.now() - killed).toBeLessThan(DELIVERY);
      for (const { evicted, suspected, disconnected, hooks } of records) {
        expect([evicted, suspected]).toEqual([[], []]);
        expect(disconnected).toBe(1);
        expect(hooks).toEqual({ suspect: 0, recover: 0, evict: 0, disconnect: 1 });
      }
    },
  );

  test.concurrent(
    'is stopped is detected in time, and sees its end when it continues',
    async () => {
      const group = await (await lab()).addClients('stopped');
      group.clients.freeze();
      await expectDetected(group);
      group.clients.thaw();
      for (const { code } of await group.untilClosed()) expect(code).toBe(1006);
    },
  );

  test.concurrent('is stopped and continues in time is suspect, and recovers', async () => {
    const group = await (await lab()).addClients('halted');
    group.clients.freeze();
    await group.untilSuspected();
    group.clients.thaw();
    await group.clients.request('untilPinged', 3);
    for (const { suspected } of await expectAllAlive(group)) expect(suspected).toHaveLength(1);
  });

  test('is not affected stays alive', async () => {
    await lab();
    await expectUndisturbed(neighbours);
  });
});

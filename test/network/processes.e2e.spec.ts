import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { Lab, sharedLab, onNetworks, type Party } from './lab.js';
import { expectAllAlive, expectFoundDead, expectUndisturbed } from './outcomes.js';

const POLICY = { interval: 1_000, timeout: 4_000 };
/** Milliseconds that a busy machine may take to pass on that a process has ended: fewer than a suspicion takes. */
const DELIVERY = 2_000;

afterAll(killAll);

onNetworks()('a client whose process', () => {
  let neighbours: Party;
  const lab = sharedLab(async () => {
    const opened = await Lab.open(POLICY);
    neighbours = await opened.gather('neighbour');
    return opened;
  });

  test.concurrent.each([
    ['quiet', undefined],
    ['talking', { event: 'note', every: 50 }],
    ['chatting', { event: 'echo', every: 50 }],
  ])(
    'is killed, %s, is gone at once: its system says so, and nobody is evicted',
    async (kind, say) => {
      const party = await (await lab()).gather(`killed, ${kind}`, { say });
      const killed = performance.now();
      await party.clients.kill();
      const records = await party.untilGone();
      expect(performance.now() - killed).toBeLessThan(DELIVERY);
      for (const { evicted, suspected, disconnected, hooks } of records) {
        expect([evicted, suspected]).toEqual([[], []]);
        expect(disconnected).toBe(1);
        expect(hooks).toEqual({ suspect: 0, recover: 0, evict: 0, disconnect: 1 });
      }
    },
  );

  test.concurrent('is stopped is found dead in time, and knows once it goes on', async () => {
    const party = await (await lab()).gather('stopped');
    party.clients.freeze();
    await expectFoundDead(party);
    party.clients.thaw();
    for (const { code } of await party.untilClosed()) expect(code).toBe(1006);
  });

  test.concurrent('is stopped and goes on in time is suspected, and recovers', async () => {
    const party = await (await lab()).gather('halted');
    party.clients.freeze();
    await party.untilSuspected();
    party.clients.thaw();
    await party.clients.ask('untilPinged', 3);
    for (const { suspected } of await expectAllAlive(party)) expect(suspected).toHaveLength(1);
  });

  test('is another one hears nothing of all that', async () => {
    await lab();
    await expectUndisturbed(neighbours);
  });
});

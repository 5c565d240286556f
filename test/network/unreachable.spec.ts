import { afterAll, expect, test } from '@jest/globals';
import { expectInTime, onlyVerdict } from '../detection/in-time.js';
import { killAll } from '../support/child.js';
import { requires } from '../support/requirements.js';
import { Lab, type Party } from './lab.js';

const POLICY = { interval: 1_000, timeout: 2_500 };

requires(
  'root',
  'iptables',
  'ip',
  'network namespaces',
)('a peer out of reach', () => {
  let opened: Promise<Lab> | undefined;
  const lab = () => (opened ??= Lab.open(POLICY));

  afterAll(async () => {
    await killAll();
    (await opened)?.close();
  });

  /** Each is terminated in time, told of once, and nothing of it is left in the server's system. */
  async function expectFoundDead(party: Party): Promise<void> {
    const records = await party.untilGone();
    const { tick } = await lab();
    expect(records).toHaveLength(party.count);
    for (const record of records) {
      expect(onlyVerdict(record)).toMatchObject({ cause: 'unresponsive', code: 1006 });
      expectInTime(record, POLICY.timeout, tick);
      expect(record.hooks).toEqual({ suspect: 1, recover: 0, evict: 1, disconnect: 1 });
      expect(record.disconnected).toBe(1);
    }
    expect(await party.site.sockets()).toEqual([]);
  }

  test.concurrent('behind a black hole is found dead, and is not told', async () => {
    const party = await (await lab()).gather('blackhole');
    await party.clients.ask('untilPinged', 1);
    await Promise.all([party.site.lose('server'), party.site.lose('site')]);
    await expectFoundDead(party);
    expect(await party.ends()).toEqual([]);
  });
});

import { expect, test } from '@jest/globals';
import { PresenceModule } from 'nestjs-heartbeat/presence';
import { FaultyStore } from '../presence/faulty.store.js';
import { QUICK_PRESENCE } from '../presence/presence.node.js';
import { DEGRADED, startHealth } from './health.app.js';

test('a store of presence that does not answer degrades readiness until it does', async () => {
  const store = new FaultyStore();
  const presence = PresenceModule.forRoot({ ...QUICK_PRESENCE, store });
  const { get } = await startHealth({ imports: [presence] });
  const reason = async () => (await get('ready')).heartbeat['reason'];
  // Until the first renewal.
  while ((await reason()) !== undefined);
  store.fail();
  while ((await reason()) !== 'presence');
  expect(await get('ready')).toMatchObject({
    code: 200,
    heartbeat: { ...DEGRADED, reason: 'presence' },
  });
  expect((await get('alive')).heartbeat).toMatchObject({ status: 'up' });
  store.work();
  while ((await reason()) !== undefined);
});

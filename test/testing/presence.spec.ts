import { expect, test } from '@jest/globals';
import { PresenceModule, PresenceService } from 'nestjs-heartbeat/presence';
import { openClient } from 'nestjs-heartbeat/testing';
import { FaultyStore } from '../presence/faulty.store.js';
import { startClocked } from './clocked.app.js';

test('batches, renewals, linger and deadlines of presence follow the test clock', async () => {
  const store = new FaultyStore();
  const { app, clock, liveness } = await startClocked({}, [PresenceModule.forRoot({ store })]);
  const presence = app.get(PresenceService);
  await clock.advance(100);
  expect(presence.state).toBe('current');
  const changes: string[] = [];
  presence
    .changes()
    .subscribe(({ joined, left }) => changes.push(...joined, ...left.map((key) => `-${key}`)));
  await clock.advance(100);

  const client = await openClient(app, { path: '/chat' });
  const [{ client: peer } = { client: client.socket }] = liveness.clients();
  presence.track(peer, 'ann');
  await clock.advance(200);
  expect(changes).toEqual(['ann']);
  presence.untrack(peer);
  await clock.advance(4_000);
  expect(changes).toEqual(['ann']);
  await clock.advance(2_000);
  expect(changes).toEqual(['ann', '-ann']);

  store.fail();
  await clock.advance(20_000);
  expect(presence.state).toBe('stale');
});

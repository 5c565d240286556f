import { expect, test } from '@jest/globals';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { PresenceModule, PresenceService } from 'nestjs-heartbeat/presence';
import { HEARTBEAT_CLOCK, HeartbeatTestClock, openClient } from 'nestjs-heartbeat/testing';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { FaultyStore } from '../presence/faulty.store.js';
import { ChatGateway } from '../support/chat.gateway.js';

async function start(store: FaultyStore) {
  const clock = new HeartbeatTestClock();
  const testing = await Test.createTestingModule({
    imports: [HeartbeatModule.forRoot({ drain: false }), PresenceModule.forRoot({ store })],
    providers: [ChatGateway],
  })
    .overrideProvider(HEARTBEAT_CLOCK)
    .useValue(clock)
    .compile();
  const app = testing.createNestApplication({ logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0);
  return { app, clock, presence: app.get(PresenceService) };
}

test('batches, renewals, linger and deadlines of presence follow the test clock', async () => {
  const store = new FaultyStore();
  const { app, clock, presence } = await start(store);
  await clock.advance(100);
  expect(presence.state).toBe('current');
  const changes: string[] = [];
  presence
    .changes()
    .subscribe(({ joined, left }) => changes.push(...joined, ...left.map((key) => `-${key}`)));
  await clock.advance(100);

  const client = await openClient(app, { path: '/chat' });
  const [{ client: peer } = { client: client.socket }] = app.get(LivenessService).clients();
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
  await app.close();
});

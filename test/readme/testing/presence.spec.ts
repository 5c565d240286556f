import { expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { MemoryPresenceStore, PresenceModule, PresenceService } from 'nestjs-heartbeat/presence';
import { openClient } from 'nestjs-heartbeat/testing';
import type { WebSocket } from 'ws';
import { start } from './start.js';

const store = new MemoryPresenceStore(); // both applications are in this process

@WebSocketGateway({ path: '/rooms' })
class RoomGateway {
  constructor(private readonly presence: PresenceService) {}

  @SubscribeMessage('join')
  join(@ConnectedSocket() client: WebSocket, @MessageBody() user: string) {
    this.presence.track(client, user);
    return { event: 'joined' };
  }
}

@Module({
  imports: [HeartbeatModule.forRoot({ drain: false }), PresenceModule.forRoot({ store })],
  providers: [RoomGateway],
})
class RoomModule {}

test('a user of one instance is present on the other, until the connection ends', async () => {
  const [one, two] = [await start(RoomModule), await start(RoomModule)];
  const presence = two.app.get(PresenceService);
  const client = await openClient(one.app, { path: '/rooms' });
  client.send('join', 'ann');
  await client.next('joined');
  await one.clock.advance(10); // the store is written within 5 ms
  expect(await presence.isPresent('ann')).toBe(true);

  client.answersPings = false;
  await one.clock.advance(100_000);
  expect(await presence.isPresent('ann')).toBe(false);
  await Promise.all([one.app.close(), two.app.close()]);
});

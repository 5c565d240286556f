import { expect, test } from '@jest/globals';
import { LivenessService } from 'nestjs-heartbeat';
import { openClient } from 'nestjs-heartbeat/testing';
import { ChatGateway } from './chat.gateway.js';
import { start } from './start.js';

test('a client that stops reading is evicted, although it sends', async () => {
  const { app, clock } = await start();
  const client = await openClient(app, { path: '/chat' });
  client.stopReading();
  const news = Buffer.alloc(16 * 1024 * 1024); // more than the system takes for a client that does not read
  for (const { client: peer } of app.get(LivenessService).clients()) peer.send(news);
  for (let seconds = 0; seconds < 120; seconds += 10) {
    client.send('status');
    await clock.advance(10_000);
  }
  expect(app.get(ChatGateway).evicted).toEqual(['slow-consumer']);
  await app.close();
});

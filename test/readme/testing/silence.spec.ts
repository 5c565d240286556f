import { expect, test } from '@jest/globals';
import { openClient } from 'nestjs-heartbeat/testing';
import { ChatGateway } from './chat.gateway.js';
import { start } from './start.js';

test('a client that goes silent is evicted', async () => {
  const { app, clock } = await start();
  const client = await openClient(app, { path: '/chat' });
  await clock.advance(600_000); // it answers pings: nothing happens
  client.answersPings = false;
  await clock.advance(100_000);
  expect(await client.closed).toMatchObject({ code: 1006 });
  expect(app.get(ChatGateway).evicted).toEqual(['unresponsive']);
  await app.close();
});

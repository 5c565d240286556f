import { expect, test } from '@jest/globals';
import { openClient } from 'nestjs-heartbeat/testing';
import { start } from './start.js';

test('an order needs a client that answers pings', async () => {
  const { app, clock } = await start();
  const client = await openClient(app, { path: '/chat' });
  client.send('order', 'tea');
  expect(await client.next('ordered')).toBe('tea');

  await clock.advance(11_000); // the round trip is no longer recent: the guard pings
  client.answersPings = false;
  client.send('order', 'tea');
  await clock.advance(6_000); // the guard waits for 5 s
  expect(await client.next()).toMatchObject({ status: 'error', demand: 'provenWithin' });
  await app.close();
});

import { expect, test } from '@jest/globals';
import { openClient } from 'nestjs-heartbeat/testing';
import { start } from './start.js';

test('a shutdown asks its clients to reconnect', async () => {
  const { app, clock } = await start();
  const client = await openClient(app, { path: '/chat' });
  await Promise.all([app.close(), clock.advance(15_000)]); // the window of the drain, and closeTimeout
  expect(await client.closed).toEqual({ code: 1012, reason: 'server restarts' });
});

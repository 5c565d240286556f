import { expect, test } from '@jest/globals';
import { openClient } from 'nestjs-heartbeat/testing';
import { start } from './start.js';

test('a shutdown asks its clients to reconnect', async () => {
  const { app } = await start();
  const client = await openClient(app, { path: '/chat' });
  await app.close();
  expect(await client.closed).toEqual({ code: 1012, reason: 'server restarts' });
});

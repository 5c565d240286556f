import { expect, test } from '@jest/globals';
import { openClient } from 'nestjs-heartbeat/testing';
import { startClocked } from './clocked.app.js';

const DRAIN = { drain: { within: 10_000 } };

test('a shutdown drains without advance()', async () => {
  const { app, clock } = await startClocked(DRAIN);
  const client = await openClient(app, { path: '/chat' });
  const began = clock.now();
  await app.close();
  expect(await client.closed).toEqual({ code: 1012, reason: 'server restarts' });
  // The window of one client is 50 ms. The clock runs no longer than the drain.
  expect(clock.now() - began).toBeLessThan(500);
});

test('a shutdown ends, although a client does not leave', async () => {
  const { app, clock, events } = await startClocked(DRAIN);
  const client = await openClient(app, { path: '/chat' });
  client.blackhole();
  const began = clock.now();
  await app.close();
  expect(await client.closed).toMatchObject({ code: 1006 });
  expect(events.of('evicted')).toMatchObject([{ eviction: { cause: 'drain' } }]);
  expect(clock.now() - began).toBeGreaterThanOrEqual(5_000); // `closeTimeout`
});

test('after a shutdown the clock stands still for the other application', async () => {
  const first = await startClocked(DRAIN);
  const second = await startClocked({ drain: false }, [], first.clock);
  await openClient(first.app, { path: '/chat' });
  await first.close();
  const { peer } = await second.connect('/chat', { autoPong: false });
  let isOver = false;
  const failed = second.liveness.probe(peer, 10).finally(() => (isOver = true));
  failed.catch(() => {});
  await first.clock.advance(9);
  expect(isOver).toBe(false);
  await first.clock.advance(1);
  await expect(failed).rejects.toThrow('10 ms');
});

import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { HeartbeatTestClock, openClient } from 'nestjs-heartbeat/testing';
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

test('the clock stands still while the shutdown waits for real work', async () => {
  const clock = new HeartbeatTestClock();
  const times: number[] = [];
  @Module({})
  class DatabaseModule implements BeforeApplicationShutdown {
    async beforeApplicationShutdown(): Promise<void> {
      times.push(clock.now());
      await delay(100); // longer than the clock needs for a tick of 1 s
      times.push(clock.now());
    }
  }
  const { app } = await startClocked(DRAIN, [DatabaseModule], clock);
  const client = await openClient(app, { path: '/chat' });
  await app.close();
  expect(times).toEqual([0, 0]);
  expect(await client.closed).toMatchObject({ code: 1012 });
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
  // More turns of the event loop than a clock that runs needs for it.
  for (let turn = 0; turn < 50; turn++) await delay(1);
  expect(isOver).toBe(false);
  await first.clock.advance(10);
  await expect(failed).rejects.toThrow('10 ms');
});

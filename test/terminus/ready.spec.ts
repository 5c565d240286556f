import { expect, test } from '@jest/globals';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  DEGRADED,
  getHealth,
  indicatorOf,
  startHealth,
  type Health,
  type HealthApp,
} from './health.app.js';
import { block } from '../support/block.js';

/** A limit that no stall of a busy machine reaches. */
const NO_STALL = 'ready?stall=600000';

/** Stalls an application. Returns the reported duration. */
async function stall({ events }: HealthApp, atLeast: number): Promise<number> {
  const stalled = events.next('stalled', ({ duration }) => duration >= atLeast);
  block(atLeast);
  return (await stalled).duration;
}

test('an application is ready, and its data are the numbers of clients and stalls', async () => {
  const { connect, get, liveness } = await startHealth();
  const { peer } = await connect('/chat?token=secret');
  liveness.admit(peer, 'alice');
  await connect('/chat');
  const { code, heartbeat, text } = await get(NO_STALL);
  expect(code).toBe(200);
  expect(heartbeat).toEqual({
    status: 'up',
    alive: 2,
    suspect: 0,
    evicted: 0,
    draining: false,
    stalls: expect.any(Number),
  });
  for (const secret of [liveness.get(peer)?.id, 'alice', '127.0.0.1', 'ChatGateway', '/chat'])
    expect(text).not.toContain(secret);
});

test('clients that do not answer are counted, and change no status', async () => {
  const { connect, events, get, liveness } = await startHealth();
  await connect('/chat', { autoPong: false });
  await events.when('suspect');
  const { code, heartbeat } = await get(NO_STALL);
  expect(code).toBe(200);
  expect(heartbeat).toMatchObject({ status: 'up', alive: 0, suspect: 1 });
  expect(liveness.size).toBe(1);
});

test('a stall of a second degrades an application, which still answers 200', async () => {
  const started = await startHealth();
  await stall(started, 300);
  const longest = Math.max(...started.events.of('stalled').map(({ duration }) => duration));
  // A busy machine may have stalled for longer.
  expect((await started.get('ready')).heartbeat).toMatchObject(
    longest < 1_000 ? { status: 'up' } : DEGRADED,
  );
  await stall(started, 1_000);
  const { code, heartbeat } = await started.get('ready');
  expect(code).toBe(200);
  expect(heartbeat).toMatchObject({ ...DEGRADED, reason: 'stalled' });
  expect(heartbeat['stalls']).toBeGreaterThanOrEqual(2);
});

test('a shorter stall does not hide a longer one before it', async () => {
  const started = await startHealth();
  const longer = await stall(started, 600);
  await stall(started, 200);
  const { heartbeat } = await started.get(`ready?stall=${longer}`);
  expect(heartbeat).toMatchObject(DEGRADED);
});

test('the limits of a call set which stalls count, and for how long', async () => {
  const started = await startHealth();
  const duration = await stall(started, 300);
  const status = async (route: string) => (await started.get(route)).heartbeat;
  expect(await status(`ready?stall=${duration}`)).toMatchObject(DEGRADED);
  expect(await status(NO_STALL)).toMatchObject({ status: 'up' });
  expect(await status('ready?stall=300&stalledWithin=0')).toMatchObject({ status: 'up' });
});

test('a server is not ready from the call of drain() on, before the first client leaves', async () => {
  const { app, connect, events, get, liveness } = await startHealth();
  for (let count = 0; count < 3; count++) await connect('/chat');
  const drained = liveness.drain();
  expect(indicatorOf(app).isReady('heartbeat')).toEqual({
    heartbeat: expect.objectContaining({ status: 'down', alive: 3, reason: 'draining' }),
  });
  expect(events.of('evicted')).toEqual([]);
  await drained;
  const { code, heartbeat } = await get('ready');
  expect(code).toBe(503);
  expect(heartbeat).toMatchObject({ status: 'down', reason: 'draining', draining: true, alive: 0 });
});

test('draining is the reason, after a stall too', async () => {
  const started = await startHealth();
  await stall(started, 1_000);
  await started.liveness.drain();
  const { heartbeat } = await started.get('ready');
  expect(heartbeat).toMatchObject({ status: 'down', reason: 'draining' });
});

test.each([
  ['', {}],
  [', without a drain too', { drain: false } as const],
])('a server is not ready from the start of app.close() on%s', async (_, options) => {
  const answers: Health[] = [];
  @Injectable()
  class Prober implements BeforeApplicationShutdown {
    url = '';
    async beforeApplicationShutdown(): Promise<void> {
      answers.push(await getHealth(this.url, 'ready'), await getHealth(this.url, 'alive'));
    }
  }
  const { app, close, connect, events, url } = await startHealth({ providers: [Prober] }, options);
  app.get(Prober).url = url;
  await connect('/chat');
  expect(answers).toEqual([]);
  await close();
  const [ready, alive] = answers;
  expect(ready?.code).toBe(503);
  expect(ready?.heartbeat).toMatchObject({ status: 'down', alive: 1, reason: 'draining' });
  // Terminus answers 503 to all checks from now on. The result of the indicator stays.
  expect(alive?.heartbeat).toMatchObject({ status: 'up', alive: 1, draining: true });
  expect(events.of('draining')).toHaveLength('drain' in options ? 0 : 1);
});

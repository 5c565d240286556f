import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { PresenceModule } from 'nestjs-heartbeat/presence';
import { FaultyStore } from '../presence/faulty.store.js';
import { QUICK_PRESENCE } from '../presence/presence.node.js';
import { block } from '../support/block.js';
import {
  DEGRADED,
  getHealth,
  indicatorOf,
  startHealth,
  type Health,
  type HealthApp,
} from './health.app.js';

/** Starts an application whose tick stops, as when the application deletes all intervals of its registry. */
async function startWithoutTick(): Promise<HealthApp> {
  const started = await startHealth({ imports: [ScheduleModule.forRoot()] });
  started.app.get(SchedulerRegistry).deleteInterval('nestjs-heartbeat');
  return started;
}

/** Asks when the last tick is two seconds old. */
async function getAfterTwoSeconds({ get, liveness }: HealthApp) {
  for (let age = 0; age <= 2_000;) {
    await delay(50);
    const { at, lastTickAt } = liveness.snapshot();
    age = at - lastTickAt;
  }
  return get('alive');
}

/** A limit that no stall of a busy machine reaches. */
const NO_STALL = 'ready?stall=600000';

/** Stalls an application. Returns the reported duration. */
async function stall({ events }: HealthApp, atLeast: number): Promise<number> {
  const stalled = events.next('stalled', ({ duration }) => duration >= atLeast);
  block(atLeast);
  return (await stalled).duration;
}

test('an application without connections is alive', async () => {
  const { get } = await startHealth();
  const { code, heartbeat } = await get('alive');
  expect(code).toBe(200);
  expect(heartbeat).toMatchObject({ status: 'up', alive: 0 });
  expect(heartbeat).not.toHaveProperty('reason');
});

test('an application is alive with clients that do not answer', async () => {
  const { connect, events, get } = await startHealth();
  await connect('/chat', { autoPong: false });
  await events.when('suspect');
  expect((await get('alive')).heartbeat).toMatchObject({ status: 'up', suspect: 1 });
});

test('an application whose tick has stopped for a second is not alive', async () => {
  const started = await startWithoutTick();
  await started.connect('/chat');
  const { lastTickAt } = started.liveness.snapshot();
  let answer = await started.get('alive');
  for (; answer.code === 200; await delay(10)) answer = await started.get('alive');
  expect(answer.heartbeat).toMatchObject({ status: 'down', reason: 'tick', alive: 1 });
  expect(Date.now() - lastTickAt).toBeGreaterThan(1_000);
});

test('without connections no tick is missed', async () => {
  expect((await getAfterTwoSeconds(await startWithoutTick())).heartbeat).toMatchObject({
    status: 'up',
  });
});

test('during a drain no tick is missed', async () => {
  const started = await startWithoutTick();
  // A client that does not read the close frame stays until the drain ends.
  const { socket } = await started.connect('/chat');
  socket.pause();
  const drained = started.liveness.drain({ within: 10_000 });
  const { code, heartbeat } = await getAfterTwoSeconds(started);
  expect(code).toBe(200);
  expect(heartbeat).toMatchObject({ status: 'up', draining: true, evicted: 1 });
  socket.terminate();
  await drained;
  expect((await started.get('alive')).code).toBe(200);
});

test('a request that is read in the turn in which a stall ends is answered up', async () => {
  const { app, connect, get, liveness } = await startHealth();
  await connect('/chat');
  const { code, heartbeat } = await get('stall?duration=1500');
  expect(code).toBe(200);
  expect(heartbeat).toMatchObject({ status: 'up', alive: 1 });
  expect(heartbeat['stalls']).toBeGreaterThanOrEqual(1);
  expect(liveness.size).toBe(1);
  expect(await indicatorOf(app).isAlive('other')).toHaveProperty('other.status', 'up');
});

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

test('a store of presence that does not answer degrades readiness until it does', async () => {
  const store = new FaultyStore();
  const presence = PresenceModule.forRoot({ ...QUICK_PRESENCE, store });
  const { get } = await startHealth({ imports: [presence] });
  const reason = async () => (await get('ready')).heartbeat['reason'];
  // Until the first renewal.
  while ((await reason()) !== undefined);
  store.fail();
  while ((await reason()) !== 'presence');
  expect(await get('ready')).toMatchObject({
    code: 200,
    heartbeat: { ...DEGRADED, reason: 'presence' },
  });
  expect((await get('alive')).heartbeat).toMatchObject({ status: 'up' });
  store.work();
  while ((await reason()) !== undefined);
});

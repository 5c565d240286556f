import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { indicatorOf, startHealth, type HealthApp } from './health.app.js';

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

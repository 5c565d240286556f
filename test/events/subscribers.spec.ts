import { expect, test } from '@jest/globals';
import { config } from 'rxjs';
import { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { watchClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { startMonitored } from '../support/monitored.js';

test('a subscriber that throws disturbs no other subscriber and no client where the hook is set', async () => {
  const reported: unknown[] = [];
  config.onUnhandledError = (thrown) => void reported.push(thrown);
  const { close, connect, events, liveness } = await startMonitored([ChatGateway]);
  const error = new Error('a subscriber');
  liveness.events$.subscribe(() => {
    throw error;
  });
  const after: string[] = [];
  liveness.events$.subscribe(({ type }) => after.push(type));

  const dead = await connect('/chat', { autoPong: false });
  const alive = await connect('/chat');
  expect(await dead.closed).toMatchObject({ code: 1006 });
  await events.when('disconnected');
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
  expect(after).toEqual(events.all.map(({ type }) => type));
  expect(liveness.isAlive(alive.peer)).toBe(true);
  await close();
  // RxJS throws each error from its own timer.
  expect(await eventually(() => reported.length === events.all.length)).toBe(true);
  expect(new Set(reported)).toEqual(new Set([error]));
  config.onUnhandledError = null;
});

test('a subscriber may disconnect a client in the middle of an event', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  liveness.events$.subscribe((event) => {
    if (event.type === 'suspect') liveness.disconnect(event.client, { reason: 'suspect' });
  });
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1000, reason: 'suspect' });
  await events.when('disconnected');
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
});

test('a subscriber may terminate a client the moment it is connected', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  liveness.events$.subscribe((event) => {
    if (event.type === 'connected') event.client.terminate();
  });
  const client = watchClient(new WebSocket(`${url}/chat`));
  expect(await client.closed).toMatchObject({ code: 1006 });
  const { client: peer } = await events.when('disconnected');
  expect(events.about(peer)).toEqual(['connected', 'disconnected']);
  expect(liveness.size).toBe(0);
});

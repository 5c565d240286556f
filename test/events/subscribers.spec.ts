import { expect, test } from '@jest/globals';
import { config } from 'rxjs';
import { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { watchClient } from '../support/client.js';
import { startGuarded } from '../support/guarded.js';

const reported: unknown[] = [];
config.onUnhandledError = (error) => void reported.push(error);

test('a subscriber that throws disturbs no other subscriber and no client', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
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
  expect(reported).toContain(error);
});

test('a subscriber may disconnect a client in the middle of an event', async () => {
  const { connect, events, liveness } = await startGuarded([ChatGateway]);
  liveness.events$.subscribe((event) => {
    if (event.type === 'suspect') liveness.disconnect(event.client, { reason: 'suspect' });
  });
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1000, reason: 'suspect' });
  await events.when('disconnected');
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
});

test('a subscriber may terminate a client the moment it is connected', async () => {
  const { events, liveness, url } = await startGuarded([ChatGateway]);
  liveness.events$.subscribe((event) => {
    if (event.type === 'connected') event.client.terminate();
  });
  const client = watchClient(new WebSocket(`${url}/chat`));
  expect(await client.closed).toMatchObject({ code: 1006 });
  const { client: peer } = await events.when('disconnected');
  expect(events.about(peer)).toEqual(['connected', 'disconnected']);
  expect(liveness.size).toBe(0);
});

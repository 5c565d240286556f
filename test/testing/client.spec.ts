import { expect, test } from '@jest/globals';
import { createEviction, createLiveness, openClient } from 'nestjs-heartbeat/testing';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

test('next() returns messages in turn, of any event or of one', async () => {
  const { app } = await startMonitored([ChatGateway]);
  const client = await openClient(app, { path: '/chat' });
  client.send('say', 1);
  client.send('say', 2);
  const first = await client.next('said');
  expect([first, await client.next()]).toEqual([1, 2]);
  await expect(client.next('said', { within: 20 })).rejects.toThrow(
    'No message "said" within 20 ms. Nothing else arrived.',
  );
  client.send('say', 3);
  await expect(client.next('other', { within: 200 })).rejects.toThrow(/Arrived and unread: .*3/);
});

test('messages has what arrived, also what next() returned', async () => {
  const { app } = await startMonitored([ChatGateway]);
  const client = await openClient(app, { path: '/chat' });
  expect(client.messages).toEqual([]);
  client.send('say', 1);
  await client.next('said');
  expect(client.messages).toEqual([{ event: 'said', data: 1 }]);
});

test('next() fails at once when the connection closes', async () => {
  const { app, events, liveness } = await startMonitored([ChatGateway]);
  const connected = events.next('connected');
  const client = await openClient(app, { path: '/chat' });
  const next = client.next('said', { within: 60_000 });
  liveness.disconnect((await connected).client, { code: 4001 });
  await expect(next).rejects.toThrow('the connection closed with 4001');
  expect(await client.closed).toEqual({ code: 4001, reason: '' });
});

test.each([
  ['does not answer pings', (client: Client) => (client.answersPings = false)],
  ['is behind a black hole', (client: Client) => client.blackhole()],
  ['stops reading', (client: Client) => client.stopReading()],
])('a client that %s is evicted', async (_, act) => {
  const { app, events } = await startMonitored([ChatGateway], QUICK);
  const client = await openClient(app, { path: '/chat' });
  act(client);
  expect((await events.next('evicted')).eviction.cause).toBe('unresponsive');
  await client[Symbol.asyncDispose]();
});

type Client = Awaited<ReturnType<typeof openClient>>;

test('clients are closed by await using, and when the server closes', async () => {
  const { app, close, events, url } = await startMonitored([ChatGateway]);
  const client = await openClient(`${url}/chat`);
  await client[Symbol.asyncDispose]();
  await events.when('disconnected');
  const other = await openClient(app, { path: '/chat' });
  await close();
  await other.closed;
});

test('createLiveness() and createEviction() make frozen values', () => {
  const liveness = createLiveness({ state: 'suspect', rtt: undefined });
  expect(liveness).toMatchObject({ state: 'suspect', interval: 25_000, timeout: 45_000 });
  expect(createEviction()).toMatchObject({ cause: 'unresponsive', level: 'transport', code: 1006 });
  expect(createEviction({ cause: 'idle', code: 4409, liveness })).toMatchObject({
    cause: 'idle',
    code: 4409,
    liveness: { state: 'suspect' },
  });
  expect(Object.isFrozen(liveness) && Object.isFrozen(createEviction())).toBe(true);
});

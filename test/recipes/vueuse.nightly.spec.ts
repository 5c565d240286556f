import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { nextEvent } from '../support/listening.js';
import { outliveSilentClients, startChat } from './chat.js';
import { openChat } from './recipes/vueuse.js';

let chat: ReturnType<typeof openChat>;
afterEach(() => chat.close());

function socket(): WebSocket {
  if (chat.ws.value === undefined) throw new Error('There is no socket');
  return chat.ws.value;
}

test('each of its pings is answered, which keeps it alive, and the application sees none of it', async () => {
  const server = await startChat();
  chat = openChat(`${server.url}/chat`, 250);
  await server.events.when('connected');
  expect(await nextEvent(socket(), 'message')).toMatchObject({ data: 'pong' });
  await outliveSilentClients(server);
  expect(await nextEvent(socket(), 'message')).toMatchObject({ data: 'pong' });
  expect(chat.data.value).toBeNull();
  const answer = new Promise((resolve) => {
    socket().addEventListener('message', ({ data }) => data !== 'pong' && resolve(data));
  });
  chat.send('{"event":"say","data":"hi"}');
  expect(await answer).toBe('{"event":"said","data":"hi"}');
  expect(chat.data.value).toBe('{"event":"said","data":"hi"}');
});

test('when its timers stop it is closed with 4408, although it answers ping frames', async () => {
  const { events, url } = await startChat();
  chat = openChat(`${url}/chat`, 60_000);
  const { client } = await events.when('connected');
  let pongs = 0;
  client.on('pong', () => pongs++);
  expect(await nextEvent(socket(), 'close')).toMatchObject({ code: 4408 });
  expect(pongs).toBeGreaterThan(0);
});

test('it reconnects after the server has closed it', async () => {
  const { events, liveness, url } = await startChat();
  chat = openChat(`${url}/chat`, 250);
  const { client } = await events.when('connected');
  const again = events.next('connected');
  liveness.disconnect(client);
  const [data] = (await once((await again).client, 'message')) as [Buffer];
  expect(data.toString()).toBe('ping');
});

import { afterEach, expect, test } from '@jest/globals';
import { firstValueFrom, Subject, type Subscription } from 'rxjs';
import { outliveASilentClient, startChat } from './chat.js';
import { openChat } from './recipes/rxjs.js';

let subscription: Subscription;
afterEach(() => subscription.unsubscribe());

/** Opens the chat. Returns how to say something in it and hear the answer. */
function open(url: string): (text: string) => Promise<void> {
  const { messages, send } = openChat(url, 50);
  const received = new Subject<unknown>();
  subscription = messages.subscribe(received);
  return async (text) => {
    const answer = firstValueFrom(received);
    send({ event: 'say', data: text });
    expect(await answer).toEqual({ event: 'said', data: text });
  };
}

test('it answers the server, which keeps it alive, and the application sees its own messages only', async () => {
  const chat = await startChat();
  const say = open(chat.path.url);
  await chat.events.when('connected');
  await outliveASilentClient(chat);
  await say('hi');
});

test('it notices that the server cannot be reached any more, and is back when it can', async () => {
  const { events, path } = await startChat();
  const say = open(path.url);
  await say('hi');
  const evicted = events.next('evicted');
  const again = events.next('connected');
  path.cut();
  await evicted;
  path.heal();
  await again;
  await say('again');
});

test('it comes back after the server has closed it, which is no error', async () => {
  const { events, liveness, url } = await startChat();
  const say = open(`${url}/chat`);
  await say('hi');
  const again = events.next('connected');
  for (const { client } of liveness.clients()) liveness.disconnect(client);
  await again;
  await say('again');
});

import { afterEach, expect, test } from '@jest/globals';
import { firstValueFrom, Subject, type Subscription } from 'rxjs';
import { nextEvent } from '../support/listening.js';
import { outliveSilentClients, startChat } from './chat.js';
import { openChat } from './recipes/rxjs.js';

/** The recipe keeps its sockets to itself. */
const sockets: WebSocket[] = [];
class ObservedWebSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args);
    sockets.push(this);
  }
}
globalThis.WebSocket = ObservedWebSocket;

let subscription: Subscription;
afterEach(() => {
  subscription.unsubscribe();
  sockets.length = 0;
});

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
  await outliveSilentClients(chat);
  await say('hi');
});

test('it notices that the server cannot be reached any more, and is back with what was said meanwhile', async () => {
  const { events, path } = await startChat();
  const say = open(path.url);
  await say('hi');
  const closed = nextEvent(sockets[0] as WebSocket, 'close');
  const again = events.next('connected');
  path.cut();
  expect(await closed).toMatchObject({ code: 1006, reason: 'heartbeat timeout' });
  const saidMeanwhile = say('again');
  path.heal();
  await again;
  await saidMeanwhile;
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

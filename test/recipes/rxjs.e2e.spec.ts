import { afterEach, expect, test } from '@jest/globals';
import { firstValueFrom, Subject, type Subscription } from 'rxjs';
import { nextEvent } from '../support/listening.js';
import { outliveSilentClients, startChat } from './chat.js';
import { openChat } from './recipes/rxjs.js';

/** The sockets that the recipe opens, which it does not expose. */
const sockets: WebSocket[] = [];
class RecordedWebSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args);
    sockets.push(this);
  }
}
globalThis.WebSocket = RecordedWebSocket;

let subscription: Subscription;
afterEach(() => {
  subscription.unsubscribe();
  sockets.length = 0;
});

/** Opens the chat. Returns a function that sends a text and expects its answer. */
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
  const chatWith = open(chat.path.url);
  await chat.events.when('connected');
  await outliveSilentClients(chat);
  await chatWith('hi');
});

test('it detects that the server is unreachable, and reconnects and sends what was queued meanwhile', async () => {
  const { events, path } = await startChat();
  const chatWith = open(path.url);
  await chatWith('hi');
  const closed = nextEvent(sockets[0] as WebSocket, 'close');
  const again = events.next('connected');
  path.cut();
  expect(await closed).toMatchObject({ code: 1006, reason: 'heartbeat timeout' });
  const queued = chatWith('again');
  path.heal();
  await again;
  await queued;
});

test('it reconnects after the server has closed it, without an error', async () => {
  const { events, liveness, url } = await startChat();
  const chatWith = open(`${url}/chat`);
  await chatWith('hi');
  const again = events.next('connected');
  for (const { client } of liveness.clients()) liveness.disconnect(client);
  await again;
  await chatWith('again');
});

import { afterEach, expect, test } from '@jest/globals';
import { nextEvent, type EventSource } from '../support/listening.js';
import { outliveSilentClients, startChat } from './chat.js';

/** What the tests need of the sockets of a reconnecting library. */
interface ReconnectingSocket extends EventSource {
  send(data: string): void;
  close(): void;
}

/** The tests of every recipe whose library reconnects. */
export function testReconnecting(
  openChat: (url: string, reconnectionDelay?: number) => ReconnectingSocket,
): void {
  let socket: ReconnectingSocket;
  afterEach(() => socket.close());

  async function say(text: string): Promise<void> {
    const answer = nextEvent(socket, 'message');
    socket.send(JSON.stringify({ event: 'say', data: text }));
    expect(await answer).toMatchObject({ data: JSON.stringify({ event: 'said', data: text }) });
  }

  test('it answers the server, which keeps it alive, and the application sees its own messages only', async () => {
    const chat = await startChat();
    socket = openChat(chat.path.url);
    await nextEvent(socket, 'open');
    let seen = 0;
    socket.addEventListener('message', () => void seen++);
    await outliveSilentClients(chat);
    await say('hi');
    expect(seen).toBe(1);
  });

  test('it notices that the server cannot be reached any more, and is back when it can', async () => {
    const { events, path } = await startChat();
    socket = openChat(path.url, 50);
    await nextEvent(socket, 'open');
    await say('hi');
    const closed = nextEvent(socket, 'close');
    path.cut();
    expect(await closed).toMatchObject({ code: 1006, reason: 'heartbeat timeout' });
    const connected = events.next('connected');
    const open = nextEvent(socket, 'open');
    path.heal();
    await Promise.all([connected, open]);
    await say('again');
  });
}

import { afterEach, expect, jest, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import {
  ClientDisconnectedError,
  Heartbeat,
  HeartbeatModule,
  LivenessService,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { createApp, listen } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { QUICK } from '../support/monitored.js';
import { onUnix } from '../support/unix.js';

/** The number of TCP sockets and servers that this process has open. */
const handles = () =>
  process.getActiveResourcesInfo().filter((kind) => kind.startsWith(onUnix ? 'Pipe' : 'TCP'))
    .length;
const handlesBefore = handles();

/** Counts timers. They still fire, because `advanceTimers` is true. */
const countTimers = () =>
  jest.useFakeTimers({
    advanceTimers: true,
    doNotFake: [
      'nextTick',
      'setImmediate',
      'clearImmediate',
      'queueMicrotask',
      'hrtime',
      'performance',
      'Date',
    ],
  });

afterEach(() => void jest.useRealTimers());

test.each([
  ['with a drain', {}],
  ['without a drain', { drain: false as const }],
])('a shutdown %s leaves no timer, no listener and no socket', async (_, options) => {
  countTimers();
  const app = await createApp({
    imports: [HeartbeatModule.forRoot({ ...QUICK, ...options })],
    providers: [ChatGateway],
  });
  const url = await listen(app);
  const liveness = app.get(LivenessService);
  const clients = [await connect(`${url}/chat`), await connect(`${url}/chat`)];
  const peers = [...liveness.clients()].map(({ client }) => client);
  const probes = peers.map((peer) => liveness.probe(peer));
  await Promise.all(probes);
  expect(jest.getTimerCount()).toBeGreaterThan(0);
  expect(handles()).toBeGreaterThan(handlesBefore);

  await app.close();
  await Promise.all(clients.map(({ closed }) => closed));
  expect(jest.getTimerCount()).toBe(0);
  for (const peer of peers) {
    expect([peer.listenerCount('pong'), peer.listenerCount('ping')]).toEqual([0, 0]);
  }
  expect(await eventually(() => handles() === handlesBefore)).toBe(true);
});

test('shutdown rejects a pending probe and clears its timer', async () => {
  countTimers();
  const app = await createApp({
    imports: [HeartbeatModule.forRoot()],
    providers: [ChatGateway],
  });
  const url = await listen(app);
  const liveness = app.get(LivenessService);
  const { closed } = await connect(`${url}/chat`, { autoPong: false });
  const [peer] = [...liveness.clients()].map(({ client }) => client);
  const probing = liveness.probe(peer as WebSocket, 60_000).catch((error: unknown) => error);
  await app.close();
  // The client has a timer of its own until its socket is closed.
  await closed;
  expect(await probing).toBeInstanceOf(ClientDisconnectedError);
  expect(jest.getTimerCount()).toBe(0);
});

test('an application that fails at boot leaves no timer', async () => {
  @Heartbeat({ timeout: 50_000 })
  @WebSocketGateway({ path: '/chat' })
  class OtherGateway {}
  @Heartbeat({ timeout: 60_000 })
  @WebSocketGateway({ path: '/chat' })
  class DifferentGateway {}

  countTimers();
  const app = await createApp({
    imports: [HeartbeatModule.forRoot()],
    providers: [OtherGateway, DifferentGateway],
  });
  await expect(app.init()).rejects.toMatchObject({ code: 'HEARTBEAT_OPTIONS' });
  expect(jest.getTimerCount()).toBe(0);
  await app.close();
});

test('the tick alone does not keep a process alive', async () => {
  const app = await createApp({ imports: [HeartbeatModule.forRoot()] });
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  await app.init();
  const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  expect(after).toBe(before);
  await app.close();
});

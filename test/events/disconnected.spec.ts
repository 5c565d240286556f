import { expect, test } from '@jest/globals';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import {
  QUICK,
  startMonitored,
  type MonitoredApp,
  type MonitoredClient,
} from '../support/monitored.js';

interface Way {
  readonly name: string;
  readonly options?: HeartbeatModuleOptions;
  readonly leave: (app: MonitoredApp, client: MonitoredClient) => unknown;
  readonly code: number;
  readonly cause?: string;
}

const ways: Way[] = [
  {
    name: 'the client closes with a code',
    leave: (_, { socket }) => socket.close(4321, 'bye'),
    code: 4321,
  },
  {
    name: 'the client closes without a code',
    leave: (_, { socket }) => socket.close(),
    code: 1005,
  },
  { name: 'the client breaks off', leave: (_, { socket }) => socket.terminate(), code: 1006 },
  { name: 'the application closes it', leave: (_, { peer }) => peer.close(4000), code: 4000 },
  { name: 'the application terminates it', leave: (_, { peer }) => peer.terminate(), code: 1006 },
  {
    name: 'disconnect() is called',
    leave: ({ liveness }, { peer }) => liveness.disconnect(peer),
    code: 1000,
    cause: 'requested',
  },
  {
    name: 'it is dead',
    leave: (_, { socket }) => socket.pause(),
    code: 1006,
    cause: 'unresponsive',
  },
  {
    name: 'it is idle',
    options: { ...QUICK, idleTimeout: 200 },
    leave: () => {},
    code: 4409,
    cause: 'idle',
  },
  {
    name: 'drain() is called',
    leave: ({ liveness }) => liveness.drain(),
    code: 1012,
    cause: 'drain',
  },
  { name: 'the application shuts down', leave: ({ close }) => close(), code: 1012, cause: 'drain' },
  {
    name: 'the application shuts down without a drain',
    options: { ...QUICK, drain: false },
    leave: ({ close }) => close(),
    code: 1006,
  },
  {
    name: 'everything happens at once',
    leave: ({ close, liveness }, { peer, socket }) => {
      liveness.disconnect(peer);
      socket.close();
      peer.terminate();
      socket.terminate();
      return Promise.all([liveness.drain(), close()]);
    },
    code: 1006,
    cause: 'requested',
  },
];

test.each(ways)('disconnected comes exactly once when $name', async (way) => {
  const monitored = await startMonitored([ChatGateway], way.options);
  const { close, connect, events, liveness } = monitored;
  const client = await connect('/chat');
  await way.leave(monitored, client);
  await events.when('disconnected');
  await close();
  const disconnected = events.of('disconnected');
  expect(disconnected).toHaveLength(1);
  expect(disconnected[0]).toMatchObject({ client: client.peer, code: way.code });
  expect(disconnected[0]?.eviction?.cause).toBe(way.cause);
  expect(liveness.snapshot().totals).toMatchObject({ connected: 1, disconnected: 1 });
});

test('disconnected contains the close reason of the client unchanged', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const { socket } = await connect('/chat');
  socket.close(4000, 'bye\n\u001b[31m');
  expect((await events.when('disconnected')).reason).toBe('bye\n\u001b[31m');
});

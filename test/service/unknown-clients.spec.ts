import { expect, test } from '@jest/globals';
import {
  ClientDisconnectedError,
  HeartbeatShutdownError,
  UnknownClientError,
  type LivenessService,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';

type Method = (liveness: LivenessService, client: WebSocket) => unknown;

const ACTIONS: Record<string, Method> = {
  admit: (liveness, client) => liveness.admit(client),
  touch: (liveness, client) => liveness.touch(client),
  pause: (liveness, client) => liveness.pause(client),
  resume: (liveness, client) => liveness.resume(client),
  disconnect: (liveness, client) => liveness.disconnect(client, { reason: 'reason' }),
};
const update: Method = (liveness, client) => liveness.update(client, { timeout: 60_000 });

test.each(Object.entries({ ...ACTIONS, update }))(
  '%s() throws for an unknown client, and the error names the fix',
  async (name, method) => {
    const { connect, liveness } = await startMonitored([ChatGateway]);
    // The WebSocket of the client side is an object that the server does not know.
    const { socket } = await connect('/chat');
    for (const unknownClient of [socket, {}, undefined, null, 5] as WebSocket[]) {
      expect(() => method(liveness, unknownClient)).toThrow(UnknownClientError);
    }
    expect(() => method(liveness, socket)).toThrow(
      `LivenessService.${name}() was called with a client that is not tracked. Pass the WebSocket that ` +
        'handleConnection() or @ConnectedSocket() gives, and check that its gateway is monitored: it has no ' +
        "@Heartbeat(false), and carries @Heartbeat() where the module is set to gateways: 'decorated'.",
    );
  },
);

test('the error of an unknown client has a code', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { socket } = await connect('/chat');
  await expect(liveness.probe(socket)).rejects.toMatchObject({
    name: 'UnknownClientError',
    code: 'HEARTBEAT_UNKNOWN_CLIENT',
    message: expect.stringContaining('LivenessService.probe()') as unknown,
  });
});

test('get() returns undefined and isAlive() returns false for an unknown client', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { socket } = await connect('/chat');
  for (const unknownClient of [socket, {}, undefined, null, 5] as WebSocket[]) {
    expect(liveness.get(unknownClient)).toBeUndefined();
    expect(liveness.isAlive(unknownClient)).toBe(false);
  }
});

test('methods do nothing for a disconnected client, and probe() rejects', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  socket.close();
  await events.when('disconnected');
  for (const method of [...Object.values(ACTIONS), update]) {
    expect(method(liveness, peer)).toBeUndefined();
  }
  expect(liveness.get(peer)?.state).toBe('closed');
  expect(liveness.isAlive(peer)).toBe(false);
  await expect(liveness.probe(peer)).rejects.toBeInstanceOf(ClientDisconnectedError);
  expect(events.about(peer)).toEqual(['connected', 'disconnected']);
});

test('after shutdown there are no clients, and methods do nothing', async () => {
  const { close, connect, liveness } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  await close();
  for (const client of [peer, socket]) {
    for (const method of Object.values(ACTIONS)) expect(method(liveness, client)).toBeUndefined();
    expect(liveness.isAlive(client)).toBe(false);
  }
  expect(liveness.get(peer)).toMatchObject({ state: 'closed', eviction: { cause: 'drain' } });
  expect(liveness.get(socket)).toBeUndefined();
  expect(liveness.size).toBe(0);
  expect([...liveness.clients()]).toEqual([]);
  expect(liveness.snapshot().totals).toMatchObject({ connected: 1, disconnected: 1 });
});

function shutdownMessage(method: string): string {
  return `LivenessService.${method}() was called after shutdown. Stop the work that calls it in onModuleDestroy().`;
}

test('probe(), watch() and update() fail after shutdown, and the error names the fix', async () => {
  const { close, connect, liveness } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  await close();
  for (const client of [peer, socket]) {
    await expect(liveness.probe(client)).rejects.toBeInstanceOf(HeartbeatShutdownError);
    await expect(liveness.probe(client)).rejects.toMatchObject({
      name: 'HeartbeatShutdownError',
      code: 'HEARTBEAT_SHUTDOWN',
      message: shutdownMessage('probe'),
    });
    expect(() => liveness.update(client, {})).toThrow(shutdownMessage('update'));
  }
  expect(() => liveness.watch(null as never)).toThrow(shutdownMessage('watch'));
});

test('drain() after shutdown returns the report of the drain at shutdown', async () => {
  const { close, connect, liveness } = await startMonitored([ChatGateway]);
  await connect('/chat');
  await close();
  expect(await liveness.drain()).toMatchObject({ closed: 1, terminated: 0 });
});

test('drain() after a shutdown without a drain closes no client', async () => {
  const { close, connect, events, liveness } = await startMonitored([ChatGateway], {
    drain: false,
  });
  await connect('/chat');
  await close();
  expect(await liveness.drain()).toMatchObject({ closed: 0, terminated: 0 });
  expect(events.of('draining')).toEqual([]);
});

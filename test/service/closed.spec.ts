import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService, type Liveness } from 'nestjs-heartbeat';
import { WebSocketServer, type WebSocket } from 'ws';
import { connect as connectClient } from '../support/client.js';
import { startMonitored } from '../support/monitored.js';

/** A gateway that reads the liveness of a client in `handleDisconnect()`. */
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  readonly states = new Map<WebSocket, Liveness | undefined>();
  readonly wasAlive: boolean[] = [];
  constructor(private readonly liveness: LivenessService) {}
  handleDisconnect(client: WebSocket): void {
    this.states.set(client, this.liveness.get(client));
    this.wasAlive.push(this.liveness.isAlive(client));
  }
}

test('in handleDisconnect() get() returns the last state with the eviction', async () => {
  const { app, connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  const { eviction, liveness: last } = await events.when('disconnected');
  const { states, wasAlive } = app.get(ChatGateway);
  expect(states.get(dead.peer)).toMatchObject({
    client: dead.peer,
    gateways: ['ChatGateway'],
    state: 'closed',
    eviction: { cause: 'unresponsive', level: 'transport', liveness: { state: 'suspect' } },
  });
  expect(states.get(dead.peer)?.eviction).toBe(eviction);
  expect(liveness.get(dead.peer)).toBe(states.get(dead.peer));
  expect(liveness.get(dead.peer)).toBe(last);
  expect(Object.isFrozen(last)).toBe(true);
  expect(wasAlive).toEqual([false]);
});

test('the last state of a client that closed the connection has no eviction', async () => {
  const { app, connect, events } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  socket.close();
  await events.when('disconnected');
  const last = app.get(ChatGateway).states.get(peer);
  expect(last?.state).toBe('closed');
  expect(last).not.toHaveProperty('eviction');
});

test('get() returns the state closed in a close listener that runs before that of the module', async () => {
  const { liveness } = await startMonitored([]);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const inListener = new Promise<Liveness | undefined>((resolve) => {
    server.on('connection', (client) => client.once('close', () => resolve(liveness.get(client))));
  });
  await once(server, 'listening');
  const { socket } = await connectClient(
    `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  liveness.watch(server);
  socket.close();
  expect((await inListener)?.state).toBe('closed');
  expect(liveness.size).toBe(0);
  server.close();
});

test('get() of a client that is being closed has the eviction', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  expect(liveness.get(peer)).not.toHaveProperty('eviction');
  liveness.disconnect(peer);
  expect(liveness.get(peer)).toMatchObject({
    state: 'evicted',
    eviction: { cause: 'requested', liveness: { state: 'alive' } },
  });
});

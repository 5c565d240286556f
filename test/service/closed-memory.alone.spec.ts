// Alone: counting objects collects the whole heap of the process, which takes long in a worker with other specs.
import { queryObjects } from 'node:v8';
import { expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { WsConnection } from '../../src/transport/ws.connection.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

test('the last state does not keep the connection in memory', async () => {
  const count = () => queryObjects(WsConnection, { format: 'count' });
  const { connect, events, liveness } = await startMonitored([ChatGateway], {
    ...QUICK,
    interval: 50,
  });
  const before = count();
  const peers: WebSocket[] = [];
  for (let index = 0; index < 3; index++) {
    const { peer, socket } = await connect('/chat');
    peers.push(peer);
    socket.close();
    await events.when('disconnected', ({ client }) => client === peer);
  }
  expect(peers.map((peer) => liveness.get(peer)?.state)).toEqual(['closed', 'closed', 'closed']);
  expect(count()).toBe(before);
});

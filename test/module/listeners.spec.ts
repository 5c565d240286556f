import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { HeartbeatModule } from 'nestjs-heartbeat';
import type { WebSocket, WebSocketServer as Server } from 'ws';
import { startApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { startMonitored } from '../support/monitored.js';

/** Counts the listeners of a server with several gateways, and of one of its clients. */
async function countListeners(imports: ReturnType<typeof HeartbeatModule.forRoot>[]) {
  const gateways = Array.from({ length: 4 }, () => {
    @WebSocketGateway({ path: '/chat' })
    class ChatGateway {
      @WebSocketServer()
      readonly server!: Server;
    }
    return ChatGateway;
  });
  const { app, url } = await startApp({ imports, providers: gateways });
  await connect(`${url}/chat`);
  const { server } = app.get(gateways[0] as (typeof gateways)[number]);
  const [client] = server.clients as Iterable<WebSocket>;
  const counts = {
    server: ['connection', 'close', 'error', 'listening'].map((event) => count(server, event)),
    client: ['message', 'close', 'ping', 'pong', 'error'].map((event) => count(client, event)),
  };
  await app.close();
  return counts;
}

function count(emitter: Server | WebSocket | undefined, event: string): number {
  return Number(emitter?.listenerCount(event));
}

test('the module adds one listener to a server with several gateways, and one per event to a client', async () => {
  const bare = await countListeners([]);
  const monitored = await countListeners([HeartbeatModule.forRoot()]);
  const added = (kind: 'server' | 'client') =>
    monitored[kind].map((listeners, index) => listeners - Number(bare[kind][index]));
  expect(added('server')).toEqual([1, 0, 0, 0]);
  expect(added('client')).toEqual([1, 1, 1, 1, 0]);
});

test('printing or copying a client shows nothing of the module', async () => {
  const { connect: join, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await join('/chat');
  expect(liveness.get(peer)).toBeDefined();
  expect(inspect(peer, { depth: 0 })).not.toMatch(/heartbeat|WsConnection/i);
  const copied = Object.getOwnPropertySymbols({ ...peer }).map(String);
  expect(copied).not.toContain('Symbol(heartbeat)');
});

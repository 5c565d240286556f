import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { WebSocket, WebSocketServer } from 'ws';
import { watchClient } from '../support/client.js';
import { Deployment, expectMonitored } from './deployment.js';

/** The path parameters of a client, as the adapters below set them. */
const roomOf = new WeakMap<WebSocket, string>();

@WebSocketGateway({ path: '/rooms/:id' })
class RoomGateway {
  @SubscribeMessage('where')
  where(@ConnectedSocket() client: WebSocket): unknown {
    return { event: 'room', data: roomOf.get(client) };
  }
}

/** Routes upgrades by itself: creates the server and decides by pattern which requests it takes. */
class RoutingAdapter extends WsAdapter {
  constructor(private readonly app: INestApplication) {
    super(app);
  }

  override create(port: number, options: Record<string, unknown> = {}): WebSocketServer {
    const path = String(options['path']);
    if (!path.includes(':')) return super.create(port, options) as WebSocketServer;
    const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, '([^/]+)')}$`);
    const server = new WebSocketServer({ noServer: true });
    const http = this.app.getHttpServer() as Server;
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const match = pattern.exec(new URL(request.url ?? '/', 'ws://server').pathname);
      if (match === null) {
        socket.destroy();
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => {
        roomOf.set(client, String(match[1]));
        server.emit('connection', client, request);
      });
    });
    return server;
  }
}

test('a subclass of WsAdapter that routes path parameters in create(): its clients are monitored', async () => {
  const start = () =>
    Deployment.http({ providers: [RoomGateway] }, { adapter: (app) => new RoutingAdapter(app) });
  const deployment = await start();
  const client = await deployment.connect('/rooms/7');
  expect(await client.request('where')).toEqual({ event: 'room', data: '7' });
  expect(deployment.liveness.get(client.peer)?.gateways).toEqual(['RoomGateway']);
  const refused = watchClient(new WebSocket(`${deployment.url}/cellar`));
  expect(await refused.closed).toMatchObject({ code: 1006 });
  expect(deployment.liveness.size).toBe(1);
  await expectMonitored(await start(), '/rooms/8');
});

/** Hands a client to Nest only after an asynchronous check of its request, as for a token. */
class CheckingAdapter extends WsAdapter {
  override bindClientConnect(
    server: WebSocketServer,
    callback: (client: WebSocket, ...more: unknown[]) => void,
  ): void {
    server.on('connection', (client, request) => {
      roomOf.set(client, new URL(request.url ?? '/', 'ws://server').searchParams.get('room') ?? '');
      setTimeout(() => {
        if (roomOf.get(client) === '') client.close(4401, 'no room');
        else callback(client, request);
      }, 20);
    });
  }
}

@WebSocketGateway({ path: '/room' })
class CheckedGateway extends RoomGateway {
  readonly connections: WebSocket[] = [];
  handleConnection(client: WebSocket): void {
    this.connections.push(client);
  }
}

test('a subclass of WsAdapter that checks clients in bindClientConnect(): its clients are monitored', async () => {
  const start = () =>
    Deployment.http(
      { providers: [CheckedGateway] },
      { adapter: (app) => new CheckingAdapter(app) },
    );
  await expectMonitored(await start(), '/room?room=7');
});

test('a client that the adapter never hands to Nest is reported and released as well', async () => {
  const deployment = await Deployment.http(
    { providers: [CheckedGateway] },
    { adapter: (app) => new CheckingAdapter(app) },
  );
  const { app, events, liveness } = deployment;
  const refused = await deployment.connect('/room');
  expect(await refused.closed).toMatchObject({ code: 4401 });
  await events.when('disconnected');
  expect(events.about(refused.peer)).toEqual(['connected', 'disconnected']);
  expect(liveness.size).toBe(0);
  expect(app.get(CheckedGateway).connections).toEqual([]);
});

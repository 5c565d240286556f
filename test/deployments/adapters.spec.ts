import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { Controller, Get, type INestApplication, type LoggerService } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { isHeartbeat } from 'nestjs-heartbeat';
import { openClient } from 'nestjs-heartbeat/testing';
import { WebSocketServer, type WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { getText } from '../support/http.js';
import { Deployment, expectMonitored } from './deployment.js';

@Controller()
class HelloController {
  @Get('hello')
  hello(): string {
    return 'hello';
  }
}

@WebSocketGateway()
class RootGateway {
  @SubscribeMessage('say')
  chat(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}

const PLATFORMS = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
  'Fastify that closes open connections on shutdown': () =>
    new FastifyAdapter({ forceCloseConnections: true }),
};

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

/** Remembers every line of the log with its context, those of Nest included. */
class FullLog implements LoggerService {
  readonly lines: { context: unknown; message: string }[] = [];

  of(context: string): string[] {
    return this.lines.filter((line) => line.context === context).map(({ message }) => message);
  }

  log = (message: unknown, ...more: unknown[]) => this.add(message, more);
  warn = (message: unknown, ...more: unknown[]) => this.add(message, more);
  error = (message: unknown, ...more: unknown[]) => this.add(message, more);
  debug = (message: unknown, ...more: unknown[]) => this.add(message, more);

  private add(message: unknown, more: unknown[]): void {
    this.lines.push({ context: more.at(-1), message: String(message) });
  }
}

type Parsed = { event: string; data: unknown };

/** The format of the application: `name:text`. Throws for any other message. */
function parseLine(data: string | Buffer): Parsed {
  const line = data.toString();
  const [, event, text] = /^(\w+):(.*)$/.exec(line) ?? [];
  if (event === undefined) throw new Error(`no line: ${line}`);
  return { event, data: text };
}

@WebSocketGateway({ path: '/lines' })
class LineGateway {
  @SubscribeMessage('chat')
  chat(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}

const HEARTBEAT = '{"event":"heartbeat"}';
const OPTIONS = {
  interval: 100,
  timeout: 400,
  limits: { messages: { rate: 1_000, burst: 1_000 } },
};

async function start(messageParser: (data: string | Buffer) => Parsed | undefined) {
  const log = new FullLog();
  const deployment = await Deployment.http(
    { providers: [LineGateway] },
    {
      options: OPTIONS,
      logger: log,
      // The type demands a result; the adapter drops a message for which there is none.
      adapter: (app) =>
        new WsAdapter(app, { messageParser: messageParser as (data: unknown) => Parsed }),
    },
  );
  return { deployment, log };
}

describe.each(Object.entries(PLATFORMS))('on %s', (_, platform) => {
  const start = () =>
    Deployment.http(
      { controllers: [HelloController], providers: [RootGateway, ChatGateway] },
      { httpAdapter: platform() },
    );

  test.each(['/', '/chat'])('the clients at %s are monitored and drained', async (path) => {
    await expectMonitored(await start(), path);
  });

  test('HTTP routes and message handlers work beside the monitoring', async () => {
    const deployment = await start();
    const client = await deployment.connect('/chat');
    expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
    expect(await getText(`${deployment.url}/hello`)).toBe('hello');
    expect(deployment.liveness.isAlive(client.peer)).toBe(true);
  });

  test('no listener stays on the HTTP server after close', async () => {
    const deployment = await start();
    const server = deployment.app.getHttpServer() as Server;
    expect(server.listenerCount('upgrade')).toBeGreaterThan(0);
    await deployment.close();
    expect(server.listening).toBe(false);
  });
});

test('a subclass of WsAdapter that routes path parameters in create(): its clients are monitored', async () => {
  const start = () =>
    Deployment.http({ providers: [RoomGateway] }, { adapter: (app) => new RoutingAdapter(app) });
  const deployment = await start();
  const client = await deployment.connect('/rooms/7');
  expect(await client.request('where')).toEqual({ event: 'room', data: '7' });
  expect(deployment.liveness.get(client.peer)?.gateways).toEqual(['RoomGateway']);
  await expect(openClient(`${deployment.url}/cellar`)).rejects.toThrow('socket hang up');
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

describe('a messageParser that throws on heartbeat messages', () => {
  test('does not prevent their answers, and each counts as a sign of life', async () => {
    const { deployment } = await start(parseLine);
    const client = await deployment.connect('/lines', { autoPong: false });
    const beating = setInterval(() => client.socket.send(HEARTBEAT), 50);
    for (let count = 0; count < 20; count++) {
      await new Promise((resolve) => client.socket.once('message', resolve));
    }
    clearInterval(beating);
    expect(deployment.events.about(client.peer)).toEqual(['connected']);
    expect(client.messages[0]).toMatchObject({ event: 'heartbeat' });
    client.socket.send('chat:hello');
    await new Promise((resolve) => client.socket.once('message', resolve));
    expect(client.messages.at(-1)).toEqual({ event: 'said', data: 'hello' });
  });

  test('does not make the module log, even for many messages', async () => {
    const { deployment, log } = await start(parseLine);
    const client = await deployment.connect('/lines');
    const before = log.of('HeartbeatModule').length;
    for (let count = 0; count < 100; count++) client.socket.send(HEARTBEAT);
    for (let count = 0; count < 100; count++) client.socket.send('not a line');
    client.socket.send('chat:last');
    while (client.messages.length < 101) {
      await new Promise((resolve) => client.socket.once('message', resolve));
    }
    expect(log.of('HeartbeatModule')).toHaveLength(before);
  });
});

test('a messageParser that calls isHeartbeat() first logs nothing for heartbeat messages', async () => {
  const { deployment, log } = await start((data) =>
    isHeartbeat(data) ? undefined : parseLine(data),
  );
  const client = await deployment.connect('/lines');
  for (let count = 0; count < 50; count++) client.socket.send(HEARTBEAT);
  client.socket.send('chat:last');
  while (client.messages.length < 51) {
    await new Promise((resolve) => client.socket.once('message', resolve));
  }
  expect(client.messages.at(-1)).toEqual({ event: 'said', data: 'last' });
  expect(log.of('WsAdapter')).toEqual([]);
});

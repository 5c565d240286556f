import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterAll } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { WebSocket, type ClientOptions } from 'ws';
import { createApp } from '../../support/app.js';
import { EventLog } from '../../support/event-log.js';
import { tlsClient, tlsServer } from '../../support/tls.js';
import { StreamWatch } from './stream.record.js';
import type { Transport } from './transfer.js';

/** The kinds of sockets that a server has. */
export const TRANSPORTS: readonly Transport[] = ['tcp', 'tls', 'unix'];

/** How often sockets are sampled. Milliseconds. */
const SAMPLING = 10;

/** A gateway that watches the sockets of its clients. */
@WebSocketGateway({ path: '/' })
class WatchingGateway implements OnGatewayConnection {
  readonly watches = new Map<WebSocket, StreamWatch>();

  handleConnection(client: WebSocket, request: IncomingMessage): void {
    this.watches.set(client, new StreamWatch(client, request));
  }
}

/** An application on one kind of socket, in this process. It is closed after the tests of the file. */
export interface KindOfApp {
  readonly app: INestApplication;
  readonly liveness: LivenessService;
  readonly events: EventLog;
  /** Every client of the server that has connected, the last one last. */
  readonly watches: () => StreamWatch[];
  /** How many descriptors of connections the server has. */
  readonly descriptors: () => Promise<number>;
  /** Connects a bare socket. It does not end when the server ends it. */
  readonly dial: () => Promise<Socket>;
  /** Connects a client, over a socket of `dial()` or what is made of it. */
  readonly connect: (
    options?: ClientOptions,
    wrap?: (socket: Socket) => Duplex,
  ) => Promise<WebSocket>;
}

const running: {
  readonly app: INestApplication;
  readonly timer: NodeJS.Timeout;
  readonly path: string;
}[] = [];
const dialled: Socket[] = [];

// Not after each: tests may run side by side.
afterAll(async () => {
  for (const socket of dialled) socket.destroy();
  await Promise.all(
    running.splice(0).map(async ({ app, timer, path }) => {
      clearInterval(timer);
      await app.close();
      rmSync(dirname(path), { recursive: true, force: true });
    }),
  );
});

/** Starts an application on one kind of socket. */
export async function startOn(
  transport: Transport,
  options: HeartbeatModuleOptions,
): Promise<KindOfApp> {
  const app = await createApp(
    {
      imports: [HeartbeatModule.forRoot({ drain: { within: 100 }, ...options })],
      providers: [WatchingGateway],
    },
    { httpsOptions: transport === 'tls' ? tlsServer : undefined },
  );
  const liveness = app.get(LivenessService);
  const { watches } = app.get(WatchingGateway);
  const path = join(mkdtempSync(join(tmpdir(), 'heartbeat-kind-')), 'server.sock');
  await (transport === 'unix' ? app.listen(path) : app.listen(0, '127.0.0.1'));
  const server = app.getHttpServer() as Server;
  const timer = setInterval(() => {
    for (const watch of watches.values()) watch.sample();
  }, SAMPLING);
  running.push({ app, timer, path });

  const dial = async (): Promise<Socket> => {
    const to =
      transport === 'unix'
        ? { path }
        : { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const raw = connectTcp({ ...to, allowHalfOpen: true });
    dialled.push(raw);
    await once(raw, 'connect');
    return raw;
  };
  const secure = (raw: Duplex): Socket =>
    connectTls({ ...tlsClient, checkServerIdentity: () => undefined, socket: raw });
  return {
    app,
    liveness,
    events: new EventLog(liveness.events$),
    watches: () => [...watches.values()],
    descriptors: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    dial: async () => {
      const raw = await dial();
      if (transport !== 'tls') return raw;
      const socket = secure(raw);
      await once(socket, 'secureConnect');
      return socket;
    },
    connect: async (clientOptions = {}, wrap = (socket): Duplex => socket) => {
      const raw = wrap(await dial());
      const client = new WebSocket(transport === 'tls' ? 'wss://localhost/' : 'ws://localhost/', {
        perMessageDeflate: false,
        ...clientOptions,
        // Any Duplex works, although the type is narrower.
        createConnection: () => (transport === 'tls' ? secure(raw) : (raw as Socket)),
      });
      client.on('error', () => {});
      await once(client, 'open');
      return client;
    },
  };
}

/**
 * Shakes hands on a bare socket, and discards what comes afterwards. Nothing is answered: no ping, no close frame, and
 * not the end of the stream.
 */
export async function shakeHands(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.resume();
}

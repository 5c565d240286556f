// An application with gateways that send and receive much, on TCP, TLS and a Unix socket.
//
// gateways: the path and the options of each, and the effort of its compression
// host: the address where it listens
// socket: the path of the Unix socket
import 'reflect-metadata';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  LivenessService,
  type HeartbeatEvent,
  type HeartbeatOptions,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { answer, settings } from '../../support/programs/answers.mjs';
import { tlsServer } from '../../support/tls.js';
import { contentOf, cut } from './digest.js';
import { StreamWatch, type StreamRecord } from './stream.record.js';

export interface StreamServerSettings {
  readonly host: string;
  readonly socket: string;
  readonly gateways: readonly {
    readonly path: string;
    readonly options: HeartbeatOptions;
    readonly effort: number;
  }[];
}

/** How often sockets are sampled. Milliseconds. */
const SAMPLING = 10;

/** How much is compressed at once. Each step takes a turn of the event loop, which is late on a busy machine. Bytes. */
const STEP = 131_072;

const { host, socket, gateways } = settings as StreamServerSettings;
const watches = new Map<string, StreamWatch>();
const byClient = new Map<WebSocket, StreamWatch>();
const liveness: LivenessService[] = [];
const changes = new EventEmitter().setMaxListeners(0);

function gatewayOf({ path, options, effort }: StreamServerSettings['gateways'][number]) {
  @Heartbeat(options)
  @WebSocketGateway({
    path,
    perMessageDeflate: { zlibDeflateOptions: { level: effort, chunkSize: STEP } },
  })
  class StreamGateway implements OnGatewayConnection {
    handleConnection(client: WebSocket, request: IncomingMessage): void {
      const watch = new StreamWatch(client, request);
      watches.set(watch.id, watch);
      byClient.set(client, watch);
      const sizes = JSON.parse(watch.query.get('sizes') ?? '[]') as number[];
      const size = sizes.reduce((sum, each) => sum + each, 0);
      if (watch.query.get('sender') === 'client') {
        watch.receive(size, () => changes.emit('change'));
      } else for (const message of cut(contentOf(size).bytes, sizes)) client.send(message);
      if (watch.query.has('closes')) client.close(1000);
    }
  }
  return StreamGateway;
}

function note(event: HeartbeatEvent): void {
  const at = performance.now();
  if (event.type === 'evicted') {
    const { cause, code } = event.eviction;
    byClient.get(event.client)?.evicted.push({ at, cause, code });
  }
  if (event.type === 'disconnected') {
    byClient.get(event.client)?.disconnected.push({ at, code: event.code });
    byClient.delete(event.client);
  }
  changes.emit('change');
}

async function start(httpsOptions?: typeof tlsServer): Promise<INestApplication> {
  @Module({
    imports: [HeartbeatModule.forRoot({ drain: false })],
    providers: gateways.map(gatewayOf),
  })
  class StreamsModule {}

  const app = await NestFactory.create(StreamsModule, {
    logger: ['error', 'warn'],
    ...(httpsOptions && { httpsOptions }),
  });
  // Nest would parse each message: the text of 24 MiB takes longer than a tick.
  const messageParser = () => ({ event: 'none', data: undefined });
  app.useWebSocketAdapter(new WsAdapter(app, { messageParser }));
  liveness.push(app.get(LivenessService));
  app.get(LivenessService).events$.subscribe(note);
  return app;
}

async function listen(httpsOptions?: typeof tlsServer): Promise<string> {
  const app = await start(httpsOptions);
  await app.listen(0, host);
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `${httpsOptions === undefined ? 'ws' : 'wss'}://${host}:${port}`;
}

async function listenOnSocket(): Promise<string> {
  const app = await start();
  await app.listen(socket);
  return `ws+unix:${socket}`;
}

/** Waits until something holds for a connection, at most the given ms. Returns the last state. */
async function untilRecord(
  id: string,
  limit: number,
  is: (record: StreamRecord) => boolean,
): Promise<StreamRecord | undefined> {
  const signal = AbortSignal.timeout(limit);
  for (;;) {
    const record = watches.get(id)?.record;
    if (signal.aborted || (record !== undefined && is(record))) return record;
    await once(changes, 'change', { signal }).catch(() => {});
  }
}

/** The tick of the module, in ms: the same in all applications, which have the same gateways. */
const tick = () => Math.max(...liveness.map((service) => service.snapshot().tick));

const urls = { tcp: await listen(), tls: await listen(tlsServer), unix: await listenOnSocket() };
setInterval(() => {
  for (const watch of byClient.values()) watch.sample();
}, SAMPLING);

answer({
  urls: () => urls,
  tick,
  sent: (size: number) => contentOf(size).digest,
  record: (id: string) => watches.get(id)?.record,
  /** Waits until all of what the client sends has come, or the connection has ended. */
  untilReceived: (id: string, limit: number) =>
    untilRecord(
      id,
      limit,
      ({ received, disconnected }) => received !== undefined || disconnected.length > 0,
    ),
  untilGone: (id: string, limit: number) =>
    untilRecord(id, limit, ({ disconnected }) => disconnected.length > 0),
});

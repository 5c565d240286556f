// An application in a process of its own that hostile clients attack. Settings: the module's options.
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import {
  HeartbeatModule,
  LivenessService,
  type Eviction,
  type HeartbeatModuleOptions,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ConnectionRegistry } from '../../src/connections/connection.registry.js';
import { answer, settings } from '../support/programs/answers.mjs';
import { serve } from '../support/programs/serve.js';
import { MemoryWatch, usedHeap } from './memory.js';
import { countObjects } from './objects.js';

/** The outcome of one client. */
export interface Fate {
  readonly cause?: Eviction['cause'];
  readonly code?: number;
  readonly bufferedBytes?: number;
  /** Number of `disconnected` events. */
  readonly disconnected: number;
}

const names = new WeakMap<WebSocket, string>();
const fates = new Map<string, Fate>();
const changes = new EventEmitter().setMaxListeners(0);
const kept: unknown[] = [];
let memory: MemoryWatch | undefined;

@WebSocketGateway()
class EchoGateway implements OnGatewayConnection {
  handleConnection(client: WebSocket, { url }: IncomingMessage): void {
    names.set(client, new URL(url ?? '/', 'ws://server').searchParams.get('name') ?? '');
  }

  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return { event: 'echo', data };
  }

  /** Accepts the message without an answer. */
  @SubscribeMessage('note')
  note(): void {}

  /** Sends `bytes` bytes every `every` ms until the client disconnects. */
  @SubscribeMessage('stream')
  stream(
    @ConnectedSocket() client: WebSocket,
    @MessageBody() { bytes, every }: { bytes: number; every: number },
  ): void {
    const timer = setInterval(() => client.send(Buffer.alloc(bytes, 1)), every);
    client.on('close', () => clearInterval(timer));
  }
}

function note(client: WebSocket, change: (before: Fate) => Fate): void {
  const name = names.get(client) ?? '';
  fates.set(name, change(fates.get(name) ?? { disconnected: 0 }));
  changes.emit('change');
}

const { app, url } = await serve({
  imports: [HeartbeatModule.forRoot(settings as HeartbeatModuleOptions)],
  providers: [EchoGateway],
});
const liveness = app.get(LivenessService);
liveness.events$.subscribe((event) => {
  if (event.type === 'evicted') {
    const { cause, code, bufferedBytes } = event.eviction;
    note(event.client, (before) => ({ ...before, cause, code, bufferedBytes }));
  }
  if (event.type === 'disconnected') {
    note(event.client, (before) => ({ ...before, disconnected: before.disconnected + 1 }));
  }
});

answer({
  url: () => url,
  size: () => liveness.size,
  snapshot: () => liveness.snapshot(),
  /** Bytes of the heap, without garbage. */
  heap: () => usedHeap(),
  objects: () => countObjects(),

  /** Keeps references to the open connections, as a leak would. */
  leak: () => {
    kept.push(...app.get(ConnectionRegistry).all());
    return kept.length;
  },

  /** The outcomes of all clients that were evicted or disconnected. */
  fates: () => Object.fromEntries(fates),

  /** Waits until a client is evicted. */
  evicted: async (name: string) => {
    while (fates.get(name)?.cause === undefined) await once(changes, 'change');
  },

  /** Waits until a client has disconnected. Returns its outcome. */
  fate: async (name: string) => {
    while ((fates.get(name)?.disconnected ?? 0) === 0) await once(changes, 'change');
    return fates.get(name);
  },

  watchMemory: async () => {
    memory?.stop();
    memory = await MemoryWatch.start();
  },

  /** The largest growth of the memory of this process since the watch began, in bytes. */
  memoryGrowth: () => memory?.growth(),
});

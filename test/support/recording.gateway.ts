import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
} from '@nestjs/websockets';
import {
  LivenessService,
  type EvictionCause,
  type HeartbeatEvent,
  type OnGatewayEvict,
  type OnGatewayRecover,
  type OnGatewaySuspect,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { blockFor } from './block.js';

/** What happened to one client, as the server saw it. Points in time are `performance.now()` there. */
export interface ClientRecord {
  /** As the client calls itself: `?name=` in its URL. */
  readonly name: string;
  /** When its last message or pong came, and when its last byte. */
  lastSign: number;
  lastByte: number;
  /** The longest time in which neither a message nor a pong of it came, until the last one. */
  longestSilence: number;
  pongs: number;
  readonly suspected: number[];
  /** When the first byte came after each suspicion. */
  readonly revived: number[];
  readonly recovered: number[];
  readonly evicted: Verdict[];
  disconnected: number;
  /** How often each hook of the gateway was called. */
  readonly hooks: { suspect: number; recover: number; evict: number; disconnect: number };
}

export interface Verdict {
  readonly at: number;
  readonly cause: EvictionCause;
  readonly code: number;
  readonly silence: number;
}

export interface StallRecord {
  /** When it ended. */
  readonly at: number;
  /** How long it was, as the module tells it. */
  readonly duration: number;
  /** How long, of all clients, one was silent by the module's clock when it ended. */
  readonly longestSilence: number;
}

/** A gateway that writes down what becomes of its clients. */
@WebSocketGateway()
export class RecordingGateway
  implements
    OnGatewayConnection,
    OnGatewayDisconnect,
    OnGatewaySuspect,
    OnGatewayRecover,
    OnGatewayEvict
{
  readonly stalls: StallRecord[] = [];

  private readonly byClient = new Map<WebSocket, ClientRecord>();
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(readonly liveness: LivenessService) {
    liveness.events$.subscribe((event) => this.note(event));
  }

  get records(): ClientRecord[] {
    return [...this.byClient.values()];
  }

  record(client: WebSocket): ClientRecord {
    const record = this.byClient.get(client);
    if (record === undefined) throw new Error('This client never connected');
    return record;
  }

  /** The client that goes by this name. */
  client(name: string): WebSocket {
    for (const [client, record] of this.byClient) if (record.name === name) return client;
    throw new Error(`There is no client ${name}`);
  }

  /** Waits until a condition holds; whatever happens to a client may make it hold. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.changes, 'change');
  }

  handleConnection(client: WebSocket, request: IncomingMessage): void {
    const now = performance.now();
    const record: ClientRecord = {
      name: new URL(request.url ?? '/', 'ws://server').searchParams.get('name') ?? '',
      lastSign: now,
      lastByte: now,
      longestSilence: 0,
      pongs: 0,
      suspected: [],
      revived: [],
      recovered: [],
      evicted: [],
      disconnected: 0,
      hooks: { suspect: 0, recover: 0, evict: 0, disconnect: 0 },
    };
    this.byClient.set(client, record);
    request.socket.on('data', () => {
      record.lastByte = performance.now();
      if (record.revived.length < record.suspected.length) record.revived.push(record.lastByte);
    });
    const heard = () => {
      record.longestSilence = Math.max(record.longestSilence, performance.now() - record.lastSign);
      record.lastSign = performance.now();
      this.changes.emit('change');
    };
    client.on('message', heard);
    client.on('pong', () => {
      record.pongs++;
      heard();
    });
  }

  handleDisconnect(client: WebSocket): void {
    this.record(client).hooks.disconnect++;
    this.changes.emit('change');
  }

  handleSuspect(client: WebSocket): void {
    this.record(client).hooks.suspect++;
  }

  handleRecover(client: WebSocket): void {
    this.record(client).hooks.recover++;
  }

  handleEvict(client: WebSocket): void {
    this.record(client).hooks.evict++;
  }

  /** Says the same back. */
  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return { event: 'echo', data };
  }

  /** Takes it and says nothing. */
  @SubscribeMessage('note')
  silence(): void {}

  /** Sends something every so many ms until the client is gone. */
  @SubscribeMessage('stream')
  stream(@ConnectedSocket() client: WebSocket, @MessageBody() every: number): void {
    const timer = setInterval(() => client.send('{"event":"news"}'), every);
    client.on('close', () => clearInterval(timer));
  }

  /** Blocks the event loop for so many ms, from the I/O callback that brought the message. */
  @SubscribeMessage('block')
  block(@ConnectedSocket() client: WebSocket, @MessageBody() duration: number): void {
    blockFor(client, duration);
  }

  private note(event: HeartbeatEvent): void {
    const at = performance.now();
    if (event.type === 'stalled') {
      const longestSilence = Math.max(
        ...[...this.liveness.clients()].map(({ silence }) => silence),
      );
      this.stalls.push({ at, duration: event.duration, longestSilence });
    }
    if (event.type === 'suspect') this.record(event.client).suspected.push(at);
    if (event.type === 'recovered') this.record(event.client).recovered.push(at);
    if (event.type === 'disconnected') this.record(event.client).disconnected++;
    if (event.type === 'evicted') {
      const record = this.record(event.client);
      const { cause, code, liveness } = event.eviction;
      record.evicted.push({ at, cause, code, silence: liveness.silence });
    }
    this.changes.emit('change');
  }
}

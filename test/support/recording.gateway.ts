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

/** What the server observed of one client. Points in time are `performance.now()` of the server. */
export interface ClientRecord {
  /** The name from `?name=` in the URL of the client. */
  readonly name: string;
  /** When the last message or pong arrived, and when the last byte did. */
  lastSign: number;
  lastByte: number;
  /** The longest time between two messages or pongs. */
  longestSilence: number;
  pongs: number;
  readonly suspected: number[];
  /** When the first byte after each suspicion arrived. */
  readonly revived: number[];
  readonly recovered: number[];
  readonly evicted: EvictionRecord[];
  disconnected: number;
  /** How often each hook of the gateway was called. */
  readonly hooks: { suspect: number; recover: number; evict: number; disconnect: number };
}

export interface EvictionRecord {
  readonly at: number;
  readonly cause: EvictionCause;
  readonly code: number;
  readonly silence: number;
}

export interface StallRecord {
  /** When the stall ended. */
  readonly at: number;
  /** Its duration, as the module reports it. */
  readonly duration: number;
  /** The longest `silence` of all clients when it ended. */
  readonly longestSilence: number;
}

/** A gateway that records what happens to its clients. */
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
    liveness.events$.subscribe((event) => this.recordEvent(event));
  }

  get records(): ClientRecord[] {
    return [...this.byClient.values()];
  }

  record(client: WebSocket): ClientRecord {
    const record = this.byClient.get(client);
    if (record === undefined) throw new Error('This client never connected');
    return record;
  }

  /** The client with a name. */
  client(name: string): WebSocket {
    for (const [client, record] of this.byClient) if (record.name === name) return client;
    throw new Error(`There is no client ${name}`);
  }

  /** Waits until a condition holds. It is evaluated after each event of a client. */
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
    const onSign = () => {
      record.longestSilence = Math.max(record.longestSilence, performance.now() - record.lastSign);
      record.lastSign = performance.now();
      this.changes.emit('change');
    };
    client.on('message', onSign);
    client.on('pong', () => {
      record.pongs++;
      onSign();
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

  /** Sends the same data back. */
  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return { event: 'echo', data };
  }

  /** Accepts a message without a reply. */
  @SubscribeMessage('note')
  note(): void {}

  /** Sends a message every `every` ms until the client is disconnected. */
  @SubscribeMessage('stream')
  stream(@ConnectedSocket() client: WebSocket, @MessageBody() every: number): void {
    const timer = setInterval(() => client.send('{"event":"news"}'), every);
    client.on('close', () => clearInterval(timer));
  }

  /** Blocks the event loop for `duration` ms, in the I/O callback of the message. */
  @SubscribeMessage('block')
  block(@ConnectedSocket() client: WebSocket, @MessageBody() duration: number): void {
    blockFor(client, duration);
  }

  private recordEvent(event: HeartbeatEvent): void {
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

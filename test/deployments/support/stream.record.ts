import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { EvictionCause } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { Digester, type Digest } from './digest.js';
import { QueueWatch, takenOf } from './queue.js';

/** A point in time that lies between two samples. `performance.now()` of the server. */
export interface Moment {
  readonly notBefore: number;
  readonly at: number;
}

/** What the server saw of one connection, measured without the module. */
export interface StreamRecord {
  readonly id: string;
  readonly received: Digest | undefined;
  /** For how long bytes waited in the socket, and how many at most. */
  readonly waited: number;
  readonly mostWaiting: number;
  /** The last byte that came, and the last time that the kernel took bytes of a queue that waited already. */
  readonly lastReceived: Moment;
  readonly lastTaken: Moment;
  readonly evicted: { readonly at: number; readonly cause: EvictionCause; readonly code: number }[];
  readonly disconnected: { readonly at: number; readonly code: number }[];
}

/** Watches the socket of one connection. */
export class StreamWatch {
  readonly evicted: StreamRecord['evicted'] = [];
  readonly disconnected: StreamRecord['disconnected'] = [];
  readonly id: string;
  readonly socket: Socket;
  received: Digest | undefined;

  private readonly queue: QueueWatch;
  private lastReceived: Moment;
  private lastTaken: Moment;
  private sampled = performance.now();
  private bytesRead: number;
  private taken: number;
  private hasWaited = false;

  constructor(
    readonly client: WebSocket,
    { socket, url }: IncomingMessage,
    readonly query = new URL(url ?? '/', 'ws://server').searchParams,
  ) {
    this.id = query.get('id') ?? '';
    this.socket = socket;
    this.queue = new QueueWatch(socket);
    this.bytesRead = socket.bytesRead;
    this.taken = takenOf(socket);
    this.lastReceived = { notBefore: this.sampled, at: this.sampled };
    this.lastTaken = this.lastReceived;
  }

  /** Counts the bytes of the messages of the client. Calls back when the given number is reached. */
  receive(size: number, done: () => void): void {
    const digester = new Digester();
    this.client.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      digester.add(data);
      if (digester.length < size) return;
      this.received = digester.digest();
      done();
    });
  }

  sample(): void {
    const at = performance.now();
    const moment = { notBefore: this.sampled, at };
    this.sampled = at;
    const { socket } = this;
    if (socket.destroyed) return;
    const taken = takenOf(socket);
    if (taken > this.taken && this.hasWaited) this.lastTaken = moment;
    this.taken = taken;
    if (socket.bytesRead > this.bytesRead) this.lastReceived = moment;
    this.bytesRead = socket.bytesRead;
    this.queue.sample();
    this.hasWaited = socket.writableLength > 0;
  }

  get record(): StreamRecord {
    const { id, received, lastReceived, lastTaken, evicted, disconnected } = this;
    const { waited, most: mostWaiting } = this.queue;
    return { id, received, waited, mostWaiting, lastReceived, lastTaken, evicted, disconnected };
  }
}

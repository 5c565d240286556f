// Clients on slow paths, each of which sends or receives much.
//
// urls: the server's, by transport
// SOCKETS, in the environment: connections that exist already, as connect.pl lists them
// isMetered: whether bytes pass at the rate of the transfer; if not, as fast as the link lets them
import { once } from 'node:events';
import { connect as connectTcp, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answer, settings } from '../../support/programs/answers.mjs';
import { tlsClient } from '../../support/tls.js';
import { contentOf, cut, Digester, type Digest } from './digest.js';
import { Metered } from './metered.js';
import { QueueWatch } from './queue.js';
import { gatewayPath, sizesOf, type Transfer, type Transport } from './transfer.js';

export interface StreamClientsSettings {
  readonly urls: Readonly<Partial<Record<Transport, string>>>;
  readonly isMetered: boolean;
}

/** What a client saw of its transfer. */
export interface ClientOutcome {
  /** What it sent, or received. */
  readonly digest: Digest;
  /** How many bytes have passed. */
  readonly passed: number;
  /** For how long bytes waited in its socket. */
  readonly waited: number;
  /** The close code, if it is closed. */
  readonly code: number | undefined;
}

/** How often sockets are sampled. Milliseconds. */
const SAMPLING = 10;
/** How much is compressed at once. Each step takes a turn of the event loop, which is late on a busy machine. Bytes. */
const STEP = 1_048_576;

const { urls, isMetered } = settings as StreamClientsSettings;
const inherited = (process.env['SOCKETS'] ?? '').split(',');
const clients = new Map<string, StreamClient>();

class StreamClient {
  readonly closed: Promise<number>;
  readonly whole: Promise<void>;
  private readonly digester = new Digester();
  private queue: QueueWatch | undefined;
  private code: number | undefined;

  constructor(
    private readonly transfer: Transfer,
    private readonly socket: WebSocket,
    readonly path: Metered,
  ) {
    socket.on('upgrade', ({ socket }) => (this.queue = new QueueWatch(socket)));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => resolve((this.code = code)));
    });
    this.whole = new Promise((resolve) => {
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) return this.heartbeat(data.toString());
        this.digester.add(data);
        if (this.digester.length >= transfer.pace.size) resolve();
      });
    });
    socket.on('open', () => this.start());
  }

  sample(): void {
    this.queue?.sample();
  }

  /** How many bytes have passed in the direction of the transfer. */
  get passed(): number {
    const { passed } = this.path;
    return this.transfer.sender === 'client' ? passed.out : passed.in;
  }

  get size(): number {
    return this.transfer.pace.size;
  }

  get outcome(): ClientOutcome {
    const { passed, transfer, code } = this;
    const { sender, pace } = transfer;
    const digest = sender === 'client' ? contentOf(pace.size).digest : this.digester.digest();
    return { digest, passed, waited: this.queue?.waited ?? 0, code };
  }

  close(): void {
    this.socket.close(1000);
  }

  /** Sends heartbeats every `every` ms from now on, independently of reading. */
  sendHeartbeats(every: number): void {
    const timer = setInterval(() => this.sendReply({}), every);
    void this.closed.then(() => clearInterval(timer));
  }

  private start(): void {
    const { transfer, socket } = this;
    if (transfer.liveness === 'application') this.sendReply({ op: 'hello', v: 1 });
    if (transfer.sender === 'server') return;
    const { bytes } = contentOf(transfer.pace.size);
    for (const message of cut(bytes, sizesOf(transfer))) socket.send(message);
  }

  /** Answers pings by message, as docs/PROTOCOL.md specifies. */
  private heartbeat(text: string): void {
    const { data } = JSON.parse(text) as { data: { op: string; id?: string } };
    if (data.op === 'ping') this.sendReply({ op: 'pong', id: data.id });
  }

  private sendReply(data: object): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ event: 'heartbeat', data }));
  }
}

/** A connection that was made for this process, or a new one. */
async function connectTo(url: string): Promise<Socket> {
  const path = url.split('ws+unix:')[1];
  const { hostname, port } = new URL(url);
  const index = inherited.findIndex((pair) => pair.startsWith(`${port}=`));
  if (path === undefined && index >= 0) {
    const [pair = ''] = inherited.splice(index, 1);
    return new Socket({ fd: Number(pair.split('=')[1]), readable: true, writable: true });
  }
  const socket = connectTcp(path === undefined ? { host: hostname, port: Number(port) } : { path });
  await once(socket, 'connect');
  return socket;
}

async function open(transfer: Transfer): Promise<void> {
  const { id, sender, transport, pace, liveness, compression } = transfer;
  const url = urls[transport];
  if (url === undefined) throw new Error(`These clients cannot connect by ${transport}`);
  const query = new URLSearchParams({ id, sender, sizes: JSON.stringify(sizesOf(transfer)) });
  if (transfer.closes === true) query.set('closes', '');
  const target = `${gatewayPath(pace, liveness)}?${query.toString()}`;
  const path = new Metered(await connectTo(url), isMetered ? pace.rate : undefined);
  const isTls = transport === 'tls';
  const createConnection = () =>
    isTls
      ? connectTls({ ...tlsClient, checkServerIdentity: () => undefined, socket: path })
      : (path as Duplex as Socket);
  const socket = new WebSocket(`${isTls ? 'wss' : 'ws'}://localhost${target}`, {
    // Without effort, and in few steps: while it compresses, a client sends nothing that shows that it is alive.
    perMessageDeflate: compression && { zlibDeflateOptions: { level: 0, chunkSize: STEP } },
    createConnection,
    handshakeTimeout: 10_000,
  });
  const client = new StreamClient(transfer, socket, path);
  clients.set(id, client);
  await once(socket, 'open');
}

function clientOf(id: string): StreamClient {
  const client = clients.get(id);
  if (client === undefined) throw new Error(`There is no client ${id}`);
  return client;
}

setInterval(() => {
  for (const client of clients.values()) client.sample();
}, SAMPLING);

answer({
  open,
  /** Waits until half of the transfer has passed, or the connection has ended. */
  untilHalf: async (id: string) => {
    const client = clientOf(id);
    while (client.passed < client.size / 2 && client.outcome.code === undefined) {
      await delay(SAMPLING);
    }
  },
  /** Waits until all bytes have arrived, or the connection has ended. */
  untilReceived: async (id: string, limit: number) => {
    const client = clientOf(id);
    await Promise.race([client.whole, client.closed, delay(limit)]);
  },
  outcome: (id: string) => clientOf(id).outcome,
  /** Closes the connection. Returns its outcome. */
  leave: async (id: string) => {
    const client = clientOf(id);
    client.close();
    await client.closed;
    return client.outcome;
  },
  /** Neither reads nor writes any more, like a process that hangs. */
  hang: (id: string) => clientOf(id).path.hang(),
  /** Stops reading, but sends heartbeats every `every` ms from now on. */
  sendOnly: (id: string, every: number) => {
    clientOf(id).path.stopReading();
    clientOf(id).sendHeartbeats(every);
  },
});

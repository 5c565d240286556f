import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/**
 * How a connection of a test client ended.
 *
 * @publicApi
 */
export interface TestClose {
  /** The close code; 1006 without a close frame. */
  readonly code: number;
  /** The close reason; empty without one. */
  readonly reason: string;
}

/** A message as Nest sends it. */
interface Message {
  readonly event: unknown;
  readonly data: unknown;
  /** The parsed text; the text if it is no JSON. */
  readonly value: unknown;
  readonly raw: string;
}

interface Waiter {
  readonly event: string | undefined;
  found(message: Message): void;
}

/** How long `next()` waits by default, in ms. */
const WITHIN = 1_000;

/**
 * A real `ws` client for tests of gateways: `openClient()` connects one.
 *
 * @publicApi
 */
export class TestClient implements AsyncDisposable {
  /** Whether the client answers pings. May be changed at any time. */
  answersPings = true;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<TestClose>;
  /** All messages that have arrived, parsed. Shows what did not arrive. */
  readonly messages: unknown[] = [];

  private readonly unread: Message[] = [];
  private readonly waiters = new Set<Waiter>();

  /** @internal */
  constructor(
    /** The socket of the client. */
    readonly socket: WebSocket,
    private readonly rawSocket: Socket,
  ) {
    socket.on('ping', (data) => {
      if (this.answersPings && socket.readyState === socket.OPEN) socket.pong(data);
    });
    socket.on('message', (data: Buffer) => this.receive(data.toString()));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Sends a message in the format of Nest. */
  send(event: string, data?: unknown): void {
    this.socket.send(JSON.stringify({ event, data }));
  }

  /**
   * The data of the next message that was not returned yet.
   *
   * @param event only messages of this event
   * @param options `within`: how long to wait, in ms; default 1 000
   * @throws Error (rejects) if none arrives in time; it lists what did arrive
   */
  async next(event?: string, { within = WITHIN }: { within?: number } = {}): Promise<unknown> {
    const index = this.unread.findIndex(
      (message) => event === undefined || message.event === event,
    );
    const [found] = index < 0 ? [] : this.unread.splice(index, 1);
    return (found ?? (await this.wait(event, within))).data;
  }

  /** Stops reading. The server notices nothing until its buffers are full. */
  stopReading(): void {
    this.socket.pause();
  }

  /** Reads again. */
  resumeReading(): void {
    this.socket.resume();
  }

  /** No side receives anything any more, and the TCP connection stays: as when a network path is lost. */
  blackhole(): void {
    this.socket.pause();
    this.rawSocket.cork();
    // At the end of a connection, `ws` reads what has arrived meanwhile, such as a close frame.
    this.rawSocket.removeAllListeners('data');
    this.rawSocket.prependListener('close', () => this.rawSocket.read());
  }

  /** Reads at most this many bytes a second, in steps of what arrives at once: up to 64 KiB. */
  slow(bytesPerSecond: number): void {
    if (!(bytesPerSecond > 0)) throw new TypeError('slow(): set a number of bytes above 0.');
    this.rawSocket.on('data', (chunk: Buffer) => {
      this.socket.pause();
      setTimeout(() => this.socket.resume(), (chunk.length / bytesPerSecond) * 1_000);
    });
  }

  /** Closes the connection at once, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  private receive(raw: string): void {
    const message = parse(raw);
    this.messages.push(message.value);
    for (const waiter of this.waiters) {
      if (waiter.event !== undefined && waiter.event !== message.event) continue;
      waiter.found(message);
      return;
    }
    this.unread.push(message);
  }

  private wait(event: string | undefined, within: number): Promise<Message> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
      };
      const fail = (what: string) => {
        leave();
        reject(new Error(`${what}. ${this.describeUnread()}`));
      };
      const name = event === undefined ? 'No message' : `No message "${event}"`;
      const timer = setTimeout(() => fail(`${name} within ${within} ms`), within);
      const waiter: Waiter = {
        event,
        found: (message) => {
          leave();
          resolve(message);
        },
      };
      this.waiters.add(waiter);
      this.socket.once('close', (code) => {
        if (this.waiters.has(waiter)) fail(`${name}: the connection closed with ${code}`);
      });
    });
  }

  private describeUnread(): string {
    const { length } = this.unread;
    if (length === 0) return 'Nothing else arrived.';
    return `Arrived and unread: ${this.unread.map(({ raw }) => raw.slice(0, 200)).join(', ')}`;
  }
}

function parse(raw: string): Message {
  try {
    const value = JSON.parse(raw) as { event?: unknown; data?: unknown } | null;
    if (typeof value === 'object' && value !== null && 'event' in value)
      return { event: value.event, data: value.data, value, raw };
    return { event: undefined, data: value, value, raw };
  } catch {
    return { event: undefined, data: raw, value: raw, raw };
  }
}

import ReconnectingWebSocket from 'partysocket/ws';
import type { HeartbeatSocket } from '../heartbeat.socket.js';
import { watchPage } from '../page.signals.js';
import type { MessageLike, WebSocketConstructor, WebSocketLike } from '../web-socket.js';
import { END, withHeartbeat, type EndableSocket } from '../with-heartbeat.js';
import { BackOff } from './back-off.js';
import type {
  ConnectionEnd,
  ConnectionStatus,
  ConnectOptions,
  ConnectUrl,
  LiveConnection,
  LiveConnectionEvents,
  LiveSocket,
} from './live-connection.js';

/** What timers can hold: as good as never. */
const NEVER = 2 ** 31 - 1;
/** Goodbyes, and refusals that another attempt would meet again. */
const TERMINAL = [1000, 1002, 1003, 1007, 1008, 1010, 3000, 3003];

/** Events of ours go over partysocket's target: who throws in a listener disturbs nobody there. */
const PREFIX = 'live:';
type Told<Name extends keyof LiveConnectionEvents> = { readonly told: LiveConnectionEvents[Name] };

type Socket = HeartbeatSocket & WebSocketLike & EndableSocket;

/**
 * partysocket keeps the buffer and one socket for the application; when to connect and what the end of a
 * connection means is decided here. It asks for a URL before every attempt, and waits for it: that is our back-off.
 */
export class ReconnectingConnection implements LiveConnection {
  status: ConnectionStatus = 'connecting';

  /** The wait before the next attempt. */
  #delay = 0;
  /** The attempt or the connection that is under way. */
  #current: Socket | undefined;
  #wasOpen = false;
  #isReplacing = false;
  #leavePage: (() => void) | undefined;
  readonly #url: ConnectUrl;
  readonly #options: ConnectOptions;
  readonly #backOff: BackOff;
  readonly #party: ReconnectingWebSocket;

  constructor(url: ConnectUrl, options: ConnectOptions) {
    const { protocols, base = 1_000, cap = 30_000, maxBuffered = 1_000 } = options;
    this.#url = url;
    this.#options = options;
    this.#backOff = new BackOff(base, cap);
    this.#watchPage();
    this.#party = new ReconnectingWebSocket(() => this.#nextUrl(), protocols, {
      WebSocket: this.#observedWebSocket(),
      maxReconnectionDelay: 0,
      connectionTimeout: NEVER,
      maxEnqueuedMessages: maxBuffered,
      shouldReconnectOnClose: () => this.status !== 'closed',
    });
    // By then it has sent what was buffered.
    this.#party.addEventListener('open', () => this.#emit('up', {}));
  }

  get socket(): LiveSocket {
    return this.#party;
  }

  on<Name extends keyof LiveConnectionEvents>(
    name: Name,
    listener: (event: LiveConnectionEvents[Name]) => void,
  ): () => void {
    const hear = ({ told }: Told<Name>) => listener(told);
    this.#party.addEventListener(PREFIX + name, hear as never);
    return () => this.#party.removeEventListener(PREFIX + name, hear as never);
  }

  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    if (this.status === 'closed') return;
    this.#party.send(data);
    if (this.#delay === Infinity) this.#hurry();
  }

  probe(): Promise<number> {
    if (this.#current !== undefined) return this.#current.probe();
    const error = Object.assign(new Error('Not connected'), { code: 'HEARTBEAT_UNAVAILABLE' });
    return Promise.reject(error);
  }

  reconnectNow(): void {
    const wasClosed = this.status === 'closed';
    this.#hurry();
    if (this.status === 'open') {
      this.#isReplacing = true;
      this.#current?.[END](1000, '');
      this.#isReplacing = false;
    }
    if (!wasClosed) return;
    this.status = 'connecting';
    this.#backOff.attempt = 0;
    this.#watchPage();
    this.#party.reconnect();
  }

  close(code = 1000, reason = ''): void {
    const { status } = this;
    if (status === 'closed') return;
    this.status = 'closed';
    try {
      this.#current?.[END](code, reason);
    } catch (error) {
      // Not a code that a client may close with.
      this.status = status;
      throw error;
    }
    this.#hurry();
    this.#party.close();
    this.#finish({ code, reason });
  }

  /** The class that partysocket makes its sockets with. It meets only what we have seen first. */
  #observedWebSocket(): WebSocketConstructor {
    const observe = (socket: Socket) => this.#observe(socket);
    const fail = (error: unknown) => this.#lose({ code: 1006, reason: String(error) });
    const { WebSocket = (globalThis as unknown as { WebSocket: WebSocketConstructor }).WebSocket } =
      this.#options;
    const Base = withHeartbeat(WebSocket, this.#options) as unknown as WebSocketConstructor<Socket>;
    return class extends Base {
      // oxlint-disable-next-line typescript/no-explicit-any
      constructor(...args: any[]) {
        try {
          super(...args);
        } catch (error) {
          fail(error);
          throw error;
        }
        observe(this);
      }
    };
  }

  #observe(socket: Socket): void {
    const { connectTimeout = 10_000, stableAfter = 5_000 } = this.#options;
    this.#current = socket;
    let isAnnounced = false;
    let timer = setTimeout(() => socket[END](1006, 'connect timeout', 4408), connectTimeout);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      this.status = 'open';
      this.#wasOpen = true;
      timer = setTimeout(() => (this.#backOff.attempt = 0), stableAfter);
    });
    // After an error partysocket would close with 1000. What happened, the close event tells.
    socket.addEventListener('error', (event) => (event as MessageLike).stopImmediatePropagation());
    socket.addEventListener('close', (event) => {
      clearTimeout(timer);
      this.#current = undefined;
      const { code, reason } = event as ConnectionEnd;
      this.#lose({ code, reason }, isAnnounced);
    });
    socket.addEventListener('heartbeat:beat', (event) => this.#emit('beat', event));
    socket.addEventListener('heartbeat:drain', (event) => {
      isAnnounced = true;
      this.#emit('drain', event);
    });
  }

  /** A connection, or an attempt, came to its end. */
  #lose(end: ConnectionEnd, isAnnounced = false): void {
    const { terminal = (code: number) => TERMINAL.includes(code) } = this.#options;
    const wasOpen = this.#wasOpen;
    const wasClosed = this.status === 'closed';
    const isTerminal = !this.#isReplacing && terminal(end.code);
    this.#wasOpen = false;
    this.#delay = this.#isReplacing ? 0 : this.#backOff.next(end.code, isAnnounced);
    this.status = isTerminal || wasClosed ? 'closed' : 'waiting';
    if (wasOpen) this.#emit('down', end);
    if (wasClosed) return;
    if (isTerminal) this.#finish(end);
    else if (!this.#isReplacing)
      this.#emit('retry', { attempt: this.#backOff.attempt, delay: this.#delay });
  }

  /** What partysocket asks for before every attempt. */
  async #nextUrl(): Promise<string> {
    for (;;) {
      if (this.#delay > 0) await this.#backOff.wait(this.#delay);
      // partysocket knows, too: it connects to nowhere.
      if (this.status === 'closed') return '';
      this.status = 'connecting';
      this.#delay = 0;
      try {
        return typeof this.#url === 'string' ? this.#url : await this.#url();
      } catch (error) {
        this.#lose({ code: 1006, reason: String(error) });
      }
    }
  }

  /** Makes the next attempt now. */
  #hurry(): void {
    this.#delay = 0;
    this.#backOff.end();
  }

  #watchPage(): void {
    this.#leavePage ??= watchPage((type) => {
      if (type !== 'freeze' && type !== 'offline') this.#hurry();
    });
  }

  #finish(end: ConnectionEnd): void {
    this.#leavePage?.();
    this.#leavePage = undefined;
    this.#emit('ended', end);
  }

  #emit<Name extends keyof LiveConnectionEvents>(
    name: Name,
    event: LiveConnectionEvents[Name],
  ): void {
    this.#party.dispatchEvent(Object.assign(new Event(PREFIX + name), { told: event }));
  }
}

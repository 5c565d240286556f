import ReconnectingWebSocket from 'partysocket/ws';
import type { HeartbeatSession } from '../heartbeat.session.js';
import { watchPage } from '../page.signals.js';
import { unavailable } from '../probe.errors.js';
import type { MessageLike, WebSocketConstructor, WebSocketLike } from '../web-socket.js';
import { withHeartbeat } from '../with-heartbeat.js';
import { waitAfter } from './back-off.js';
import type {
  ConnectionEnd,
  ConnectionStatus,
  ConnectOptions,
  ConnectUrl,
  LiveConnection,
  LiveConnectionEvents,
} from './live-connection.js';

/** What timers can hold, ms: as good as never. */
const NEVER = 2 ** 31 - 1;
/** Goodbyes, and refusals that another attempt would meet again. */
const TERMINAL = [1000, 1002, 1003, 1007, 1008, 1010, 3000, 3003];

type Socket = WebSocketLike & { readonly heartbeat: HeartbeatSession };

/**
 * Connects, and again whenever the connection is lost: after a wait that is random and grows, at once when the page
 * or its network is back, and not after a close code that says to stay away.
 *
 * @publicApi
 */
export function connect(url: ConnectUrl, options: ConnectOptions = {}): LiveConnection {
  const {
    protocols,
    WebSocket = (globalThis as unknown as { WebSocket: WebSocketConstructor }).WebSocket,
    base = 1_000,
    cap = 30_000,
    stableAfter = 5_000,
    connectTimeout = 10_000,
    terminal = (code: number) => TERMINAL.includes(code),
    maxBuffered = 1_000,
  } = options;

  let status: ConnectionStatus = 'connecting';
  /** Attempts since the last connection that proved itself. */
  let attempt = 0;
  /** The last socket. */
  let current: Socket | undefined;
  /** Whether the server gave it a moment of its own to leave. */
  let isAnnounced = false;
  /** Whether for good, while we end it ourselves. */
  let forGood: boolean | undefined;
  let leavePage: () => void;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** One timer will do: a connection waits, connects, or has to prove itself. */
  const after = (delay: number, act: () => void) => {
    clearTimeout(timer);
    timer = delay < NEVER ? setTimeout(act, delay) : undefined;
  };

  // Events of ours go over partysocket's target: who throws in a listener disturbs nobody there.
  const emit = <Name extends keyof LiveConnectionEvents>(
    name: Name,
    detail: LiveConnectionEvents[Name],
  ) => party.dispatchEvent(new CustomEvent(name, { detail }));

  /** A connection, or an attempt, came to its end. */
  const lose = (code: number, reason: string) => {
    const end = { code, reason };
    if (status === 'closed') return;
    const wasOpen = status === 'open';
    const isOurs = forGood !== undefined;
    const isFinal = forGood ?? terminal(code);
    const delay = isFinal
      ? Infinity
      : isOurs
        ? 0
        : waitAfter(code, isAnnounced, base * 2 ** attempt++, cap);
    status = isFinal ? 'closed' : 'waiting';
    after(delay, reconnect);
    if (isFinal) {
      leavePage();
      party.close();
    }
    if (wasOpen) emit('down', end);
    if (isFinal) emit('ended', end);
    else if (!isOurs) emit('retry', { attempt, delay });
  };

  const reconnect = () => {
    status = 'connecting';
    party.reconnect();
  };

  const hurry = () => {
    if (status === 'waiting') after(0, reconnect);
  };

  const leave = (isFinal: boolean, code = 1000, reason = '') => {
    forGood = isFinal;
    try {
      current?.heartbeat.end(code, reason);
      lose(code, reason);
    } finally {
      forGood = undefined;
    }
  };

  const begin = () => {
    attempt = 0;
    leavePage = watchPage((type) => {
      if (type !== 'freeze' && type !== 'offline') hurry();
    });
  };

  const nextUrl = async () => {
    try {
      return await (typeof url === 'string' ? url : url());
    } catch (error) {
      // partysocket looks for a message, whatever was thrown.
      throw new Error(String(error));
    }
  };

  const observe = (socket: Socket) => {
    current = socket;
    isAnnounced = false;
    after(connectTimeout, () => socket.heartbeat.end(1006, 'connect timeout', 4408));
    // After an error partysocket would close with 1000. What happened, the close event tells.
    socket.addEventListener('error', (event) => (event as MessageLike).stopImmediatePropagation());
    socket.addEventListener('close', (event) => {
      const { code, reason } = event as ConnectionEnd;
      lose(code, reason);
    });
    socket.addEventListener('heartbeat:beat', (event) => emit('beat', event as never));
    socket.addEventListener('heartbeat:drain', (event) => {
      isAnnounced = true;
      emit('drain', event as never);
    });
  };

  const Base = withHeartbeat(WebSocket, options) as unknown as WebSocketConstructor<Socket>;
  begin();
  const party = new ReconnectingWebSocket(nextUrl, protocols, {
    WebSocket: class extends Base {
      // oxlint-disable-next-line typescript/no-explicit-any
      constructor(...args: any[]) {
        super(...args);
        observe(this);
      }
    },
    connectionTimeout: NEVER,
    maxEnqueuedMessages: maxBuffered,
    // It keeps the buffer and one socket for the application; when to connect is decided here.
    maxRetries: 0,
  });
  // By then it has sent what was buffered.
  party.addEventListener('open', () => {
    status = 'open';
    after(stableAfter, () => (attempt = 0));
    emit('up', {});
  });
  // No URL, or none that a socket takes.
  party.addEventListener('error', ({ message }) => lose(1006, message));
  // Before that it would say once more that the last socket is closed.
  party.addEventListener('close', (event) => {
    if (status === 'connecting') event.stopImmediatePropagation();
  });

  return {
    socket: party,
    get status() {
      return status;
    },
    on(name, listener) {
      const hear = ({ detail }: { detail: never }) => listener(detail);
      party.addEventListener(name as never, hear as never);
      return () => party.removeEventListener(name as never, hear as never);
    },
    send(data) {
      if (status === 'closed') return;
      party.send(data);
      if (timer === undefined) hurry();
    },
    probe: () => current?.heartbeat.probe() ?? Promise.reject(unavailable()),
    reconnectNow() {
      if (status === 'closed') {
        begin();
        reconnect();
      } else if (status !== 'connecting') leave(false);
    },
    close: (code, reason) => leave(true, code, reason),
  };
}

import ReconnectingWebSocket from 'partysocket/ws';
import { eventOf } from '../events.js';
import { startSession, type HeartbeatSession } from '../heartbeat.session.js';
import { watchPage } from '../page.signals.js';
import { probeError } from '../probe.error.js';
import type { MessageLike, WebSocketConstructor, WebSocketLike } from '../web-socket.js';
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

/** An event of ours, which has the name that `on()` was given. */
interface LiveEvent {
  readonly detail: never;
}

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
  /** The heartbeat of the last socket; none while an attempt has no socket yet. */
  let current: HeartbeatSession | undefined;
  /** Whether the server gave this connection a moment of its own to leave. */
  let isAnnounced = false;
  /** While we end a connection ourselves: whether for good. */
  let forGood: boolean | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leavePage: () => void;

  /** A connection waits, or connects, or has to prove itself: one timer is enough. */
  const after = (delay: number, act: () => void) => {
    clearTimeout(timer);
    timer = delay < NEVER ? setTimeout(act, delay) : undefined;
  };

  /** Events of ours go over partysocket's target: who throws in a listener disturbs nobody there. */
  const emit = <Name extends keyof LiveConnectionEvents>(
    name: Name,
    detail: LiveConnectionEvents[Name],
  ) => party.dispatchEvent(eventOf(name, { detail }));

  /** A connection, or an attempt, came to its end. */
  const lose = (code: number, reason: string) => {
    if (status === 'closed') return;
    const end = { code, reason };
    const wasOpen = status === 'open';
    const isOurs = forGood !== undefined;
    const isFinal = forGood ?? terminal(code);
    const delay = isFinal
      ? Infinity
      : isOurs
        ? 0
        : waitAfter(code, isAnnounced, base * 2 ** attempt++, cap);
    after(delay, reconnect);
    status = 'waiting';
    if (isFinal) {
      status = 'closed';
      leavePage();
      party.close();
    }
    if (wasOpen) emit('down', end);
    if (isFinal) emit('ended', end);
    else if (status === 'waiting' && !isOurs) emit('retry', { attempt, delay });
  };

  const reconnect = () => {
    status = 'connecting';
    current = undefined;
    party.reconnect();
  };

  /** Ends a wait: soon, and not from inside a listener, so that others hear of the end before. */
  const hurry = () => {
    if (status === 'waiting') after(0, reconnect);
  };

  const leave = (isFinal: boolean, code = 1000, reason = '') => {
    const before = status;
    forGood = isFinal;
    try {
      current?.end(code, reason);
      // There was no connection to end.
      if (status === before) lose(code, reason);
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
      // Nothing may have been thrown, and partysocket asks it for its message.
      throw new Error(String(error), { cause: error });
    }
  };

  const observe = (socket: WebSocketLike) => {
    current = startSession(socket, options);
    isAnnounced = false;
    after(connectTimeout, () => current?.end(1006, 'connect timeout', 4408));
    // After an error partysocket would close with 1000. What happened, the close event tells.
    socket.addEventListener('error', (event) => (event as MessageLike).stopImmediatePropagation());
    socket.addEventListener('close', ((end: ConnectionEnd) => lose(end.code, end.reason)) as (
      event: object,
    ) => void);
    socket.addEventListener('heartbeat:beat', (event) => emit('beat', event as never));
    socket.addEventListener('heartbeat:drain', (event) => {
      isAnnounced = true;
      emit('drain', event as never);
    });
    return current;
  };

  // partysocket keeps the buffer and one socket for the application; when to connect is decided here.
  const party = new ReconnectingWebSocket(nextUrl, protocols, {
    WebSocket: class extends WebSocket {
      // It meets only what we have seen first.
      readonly heartbeat = observe(this);
    },
    maxRetries: 0,
    connectionTimeout: NEVER,
    maxEnqueuedMessages: maxBuffered,
  });
  // By then it has sent what was buffered.
  party.addEventListener('open', () => {
    status = 'open';
    after(stableAfter, () => (attempt = 0));
    emit('up', {});
  });
  // There is no URL, or no socket takes it. The end of the last socket is no news then.
  party.addEventListener('error', ({ message }) => lose(1006, message));
  party.addEventListener('close', (event) => {
    if (current === undefined) event.stopImmediatePropagation();
  });
  begin();

  return {
    socket: party,
    get status() {
      return status;
    },
    on(name, listener) {
      const hear = (({ detail }: LiveEvent) => listener(detail)) as never;
      party.addEventListener(name as never, hear);
      return () => party.removeEventListener(name as never, hear);
    },
    send(data) {
      if (status === 'closed') return;
      party.send(data);
      // It may wait for just this.
      if (timer === undefined) hurry();
    },
    probe: () => current?.probe() ?? Promise.reject(probeError('HEARTBEAT_UNAVAILABLE')),
    reconnectNow() {
      if (status === 'closed') {
        begin();
        reconnect();
      } else if (status !== 'connecting') leave(false);
    },
    close: (code, reason) => leave(true, code, reason),
  };
}

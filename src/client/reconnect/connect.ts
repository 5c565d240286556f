import ReconnectingWebSocket from 'partysocket/ws';
import { adaptTimeout } from '../adaptive.timeout.js';
import { eventOf } from '../events.js';
import { startSession, type HeartbeatSession } from '../heartbeat.session.js';
import { watchPage } from '../page.signals.js';
import { probeError } from '../probe.error.js';
import {
  checkClass,
  type MessageLike,
  type WebSocketConstructor,
  type WebSocketLike,
} from '../web-socket.js';
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
/** Goodbyes, refusals that another attempt would meet again, and a session that another client took over. */
const TERMINAL = [1000, 1002, 1003, 1007, 1008, 1010, 3000, 3003, 4411];

/** An event of ours, which has the name that `on()` was given. */
interface LiveEvent {
  readonly detail: never;
}

/**
 * Connects, and again whenever the connection is lost: after a wait that is random and grows, at once when the page
 * or its network is back, and not after a close code that says to stay away.
 *
 * @throws TypeError with the code `HEARTBEAT_WEBSOCKET` where there is no WebSocket class that dispatches events
 * @publicApi
 */
export function connect(url: ConnectUrl, options: ConnectOptions = {}): LiveConnection {
  const {
    protocols,
    WebSocket = (globalThis as unknown as { WebSocket: WebSocketConstructor }).WebSocket,
    baseDelay = 1_000,
    maxDelay = 30_000,
    stableAfter = 5_000,
    connectTimeout = 10_000,
    isTerminal = (code: number) => TERMINAL.includes(code),
    maxBuffered = 1_000,
  } = options;
  checkClass(WebSocket);
  const makeUrl = typeof url === 'string' ? () => url : url;
  const own = adaptTimeout();
  /** Connections of servers that were taken for dead, until the network has closed them. */
  let closing = 0;
  const adaptive = {
    ...own,
    died() {
      own.died();
      closing++;
    },
    closed(wasClean?: boolean) {
      own.closed(wasClean);
      if (--closing || !isYielding) return;
      isYielding = false;
      after(Math.random() * baseDelay, reconnect);
    },
  };

  let status: ConnectionStatus = 'connecting';
  /** Attempts since the last connection that proved itself. */
  let attempt = 0;
  /** The heartbeat of the last socket; none while an attempt has no socket yet. */
  let current: HeartbeatSession | undefined;
  /** Whether the server gave this connection a moment of its own to leave. */
  let isAnnounced = false;
  /** While we end a connection ourselves: whether for good. */
  let forGood: boolean | undefined;
  /** Whether the next attempt waits for connections that are closing, and would share a slow link with it. */
  let isYielding = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leavePage: () => void;
  /** Hands partysocket the URL that it waits for; it is given no other attempt meanwhile. */
  let handUrl: ((url: string) => void) | undefined;
  /** Counts the attempts: a URL that comes when its attempt is over is ignored. */
  let round = 0;

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
    round++;
    const end = { code, reason };
    const wasOpen = status === 'open';
    const isOurs = forGood !== undefined;
    const isFinal = forGood ?? isTerminal(code);
    isYielding = !isFinal && code === 1006 && closing > 0 && own.factor() > 1;
    const wait = waitAfter(code, isAnnounced, baseDelay * 2 ** attempt, maxDelay);
    if (!isOurs) attempt++;
    const delay = isFinal ? Infinity : isOurs ? 0 : isYielding ? maxDelay : wait;
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

  /** Asks for the URL of an attempt that partysocket waits to make. */
  const provideUrl = async () => {
    if (!handUrl || status !== 'connecting') return;
    const started = ++round;
    try {
      const made = await makeUrl();
      if (started !== round) return;
      handUrl(made);
      handUrl = undefined;
    } catch (error) {
      if (started === round) lose(1006, String(error));
    }
  };

  const reconnect = () => {
    status = 'connecting';
    isYielding = false;
    current = undefined;
    after(connectTimeout, expire);
    party.reconnect();
    // It may still wait for the URL of an attempt that was given up.
    void provideUrl();
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

  /** An attempt took too long. */
  const expire = () =>
    current ? current.end(1006, 'connect timeout', 4408) : lose(1006, 'connect timeout');

  const begin = () => {
    attempt = 0;
    leavePage = watchPage((type) => {
      if (type !== 'freeze' && type !== 'offline') hurry();
    });
  };

  const nextUrl = () =>
    new Promise<string>((resolve) => {
      handUrl = resolve;
      void provideUrl();
    });

  const observe = (socket: WebSocketLike) => {
    const session = (current = startSession(socket, options, adaptive));
    isAnnounced = false;
    // After an error partysocket would close with 1000. What happened, the close event tells.
    socket.addEventListener('error', (event) => (event as MessageLike).stopImmediatePropagation());
    socket.addEventListener('close', ((end: ConnectionEnd) => {
      if (current === session) lose(end.code, end.reason);
    }) as (event: object) => void);
    socket.addEventListener('heartbeat:beat', (event) => emit('beat', event as never));
    socket.addEventListener('heartbeat:drain', (event) => {
      isAnnounced = true;
      emit('drain', event as never);
    });
    return session;
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
  // No socket takes the URL. The end of the last socket is no news then.
  party.addEventListener('error', ({ message }) => lose(1006, message));
  party.addEventListener('close', (event) => {
    if (current === undefined) event.stopImmediatePropagation();
  });
  begin();
  after(connectTimeout, expire);

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
      } else leave(false);
    },
    close: (code, reason) => leave(true, code, reason),
  };
}

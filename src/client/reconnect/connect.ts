import ReconnectingWebSocket from 'partysocket/ws';
import { createAdaptiveTimeout } from '../adaptive.timeout.js';
import { createEvent } from '../events.js';
import { startSession, type HeartbeatSession } from '../heartbeat.session.js';
import { watchPage } from '../page.signals.js';
import { probeError } from '../probe.error.js';
import {
  checkClass,
  type SocketEvent,
  type WebSocketConstructor,
  type WebSocketLike,
} from '../web-socket.js';
import { reconnectDelay } from './back-off.js';
import type {
  ConnectionEnd,
  ConnectionStatus,
  ConnectOptions,
  ConnectUrl,
  LiveConnection,
  LiveConnectionEvents,
} from './live-connection.js';

/** The longest delay of a timer, ms. Longer delays never end. */
const MAX_TIMER_DELAY = 2 ** 31 - 1;
/** See `ConnectOptions.isTerminal`. */
const TERMINAL_CODES = [1000, 1002, 1003, 1007, 1008, 1010, 3000, 3003, 4411];

/** An event of the connection. Its type is the name that `on()` takes. */
interface LiveEvent {
  readonly detail: never;
}

/**
 * Opens a connection that reconnects when it is lost: after a random delay with exponential back-off, or at once when
 * the page or its network is back. Terminal close codes end it permanently.
 *
 * @throws TypeError with the code `HEARTBEAT_WEBSOCKET` if there is no WebSocket class, or it has no `dispatchEvent()`
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
    isTerminal = (code: number) => TERMINAL_CODES.includes(code),
    maxBuffered = 1_000,
  } = options;
  checkClass(WebSocket);
  const provideUrl = typeof url === 'string' ? () => url : url;
  const timeout = createAdaptiveTimeout();
  /** Number of connections whose server was declared dead, and that the network has not closed yet. */
  let closing = 0;
  const adaptive = {
    ...timeout,
    onDead() {
      timeout.onDead();
      closing++;
    },
    onClosed(wasClean?: boolean) {
      timeout.onClosed(wasClean);
      if (--closing || !isAwaitingClose) return;
      isAwaitingClose = false;
      schedule(Math.random() * baseDelay, reconnect);
    },
  };

  let status: ConnectionStatus = 'connecting';
  /** Attempts since the last connection that was open for `stableAfter`. */
  let attempt = 0;
  /** The heartbeat of the current socket. `undefined` while an attempt waits for its URL. */
  let session: HeartbeatSession | undefined;
  /** Whether the server announced by a drain message that it closes this connection. */
  let isAnnounced = false;
  /** Set while `close()` (true) or `reconnectNow()` (false) ends the connection. */
  let isFinalEnd: boolean | undefined;
  /** Whether the next attempt waits until closing connections are closed: they take bandwidth of a slow link. */
  let isAwaitingClose = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unwatchPage: () => void;
  /** Passes the URL to partysocket, which waits for it. partysocket starts no other attempt meanwhile. */
  let resolveUrl: ((url: string) => void) | undefined;
  /** Number of the current attempt. The URL of an earlier attempt is ignored. */
  let attemptId = 0;

  /** Sets the one timer of the connection: for a delay, for `connectTimeout`, or for `stableAfter`. */
  const schedule = (delay: number, onTime: () => void) => {
    clearTimeout(timer);
    timer = delay < MAX_TIMER_DELAY ? setTimeout(onTime, delay) : undefined;
  };

  /** Dispatches an event of the connection on partysocket's target, which isolates listeners that throw. */
  const emit = <Name extends keyof LiveConnectionEvents>(
    name: Name,
    detail: LiveConnectionEvents[Name],
  ) => party.dispatchEvent(createEvent(name, { detail }));

  /** Handles the end of a connection or of an attempt. */
  const onEnd = (code: number, reason: string) => {
    if (status === 'closed') return;
    attemptId++;
    const end = { code, reason };
    const wasOpen = status === 'open';
    const isRequested = isFinalEnd !== undefined;
    const isFinal = isFinalEnd ?? isTerminal(code);
    isAwaitingClose = !isFinal && code === 1006 && closing > 0 && timeout.factor() > 1;
    const backOff = reconnectDelay(code, isAnnounced, baseDelay * 2 ** attempt, maxDelay);
    if (!isRequested) attempt++;
    const delay = isFinal ? Infinity : isRequested ? 0 : isAwaitingClose ? maxDelay : backOff;
    schedule(delay, reconnect);
    status = 'waiting';
    if (isFinal) {
      status = 'closed';
      unwatchPage();
      party.close();
    }
    if (wasOpen) emit('down', end);
    if (isFinal) emit('ended', end);
    // A listener of `down` may have closed the connection or started the next attempt.
    else if (status === 'waiting' && !isRequested) emit('retry', { attempt, delay });
  };

  /** Requests the URL of an attempt for which partysocket waits. */
  const requestUrl = async () => {
    if (!resolveUrl || status !== 'connecting') return;
    const id = ++attemptId;
    try {
      const provided = await provideUrl();
      if (id !== attemptId) return;
      resolveUrl(provided);
      resolveUrl = undefined;
    } catch (error) {
      if (id === attemptId) onEnd(1006, String(error));
    }
  };

  const reconnect = () => {
    status = 'connecting';
    isAwaitingClose = false;
    session = undefined;
    schedule(connectTimeout, onConnectTimeout);
    party.reconnect();
    // partysocket does not request a URL again if it still waits for that of an abandoned attempt.
    void requestUrl();
  };

  /** Ends a delay. The attempt starts asynchronously, so that all listeners of the current event run before. */
  const reconnectSoon = () => {
    if (status === 'waiting') schedule(0, reconnect);
  };

  const endCurrent = (isFinal: boolean, code = 1000, reason = '') => {
    const before = status;
    isFinalEnd = isFinal;
    try {
      session?.end(code, reason);
      // Without an open or connecting socket, end() dispatches no close event.
      if (status === before) onEnd(code, reason);
    } finally {
      isFinalEnd = undefined;
    }
  };

  const onConnectTimeout = () =>
    session ? session.end(1006, 'connect timeout', 4408) : onEnd(1006, 'connect timeout');

  const start = () => {
    attempt = 0;
    unwatchPage = watchPage((type) => {
      if (type !== 'freeze' && type !== 'offline') reconnectSoon();
    });
  };

  const nextUrl = () =>
    new Promise<string>((resolve) => {
      resolveUrl = resolve;
      void requestUrl();
    });

  const startHeartbeat = (socket: WebSocketLike) => {
    const started = (session = startSession(socket, options, adaptive));
    isAnnounced = false;
    // On an error partysocket would close with 1000. The close event that follows has the real code.
    socket.addEventListener('error', (event) => (event as SocketEvent).stopImmediatePropagation());
    socket.addEventListener('close', ((end: ConnectionEnd) => {
      if (session === started) onEnd(end.code, end.reason);
    }) as (event: object) => void);
    socket.addEventListener('heartbeat:beat', (event) => emit('beat', event as never));
    socket.addEventListener('heartbeat:drain', (event) => {
      isAnnounced = true;
      emit('drain', event as never);
    });
    return started;
  };

  // partysocket buffers messages, and is the one socket that the application sees. Its own reconnection is disabled.
  const party = new ReconnectingWebSocket(nextUrl, protocols, {
    WebSocket: class extends WebSocket {
      // Runs in the constructor, so these listeners are called before those of partysocket.
      readonly heartbeat = startHeartbeat(this);
    },
    maxRetries: 0,
    connectionTimeout: MAX_TIMER_DELAY,
    maxEnqueuedMessages: maxBuffered,
  });
  // partysocket has sent the buffered messages before it dispatches this event.
  party.addEventListener('open', () => {
    status = 'open';
    schedule(stableAfter, () => (attempt = 0));
    emit('up', {});
  });
  // The WebSocket class rejected the URL. The close event that partysocket adds has the code of the last connection.
  party.addEventListener('error', ({ message }) => onEnd(1006, message));
  party.addEventListener('close', (event) => {
    if (session === undefined) event.stopImmediatePropagation();
  });
  start();
  schedule(connectTimeout, onConnectTimeout);

  return {
    socket: party,
    get status() {
      return status;
    },
    on(name, listener) {
      const onEvent = (({ detail }: LiveEvent) => listener(detail)) as never;
      party.addEventListener(name as never, onEvent);
      return () => party.removeEventListener(name as never, onEvent);
    },
    send(data) {
      if (status === 'closed') return;
      party.send(data);
      // Without a timer the connection waits for the page, or for a message to send.
      if (timer === undefined) reconnectSoon();
    },
    probe: () => session?.probe() ?? Promise.reject(probeError('HEARTBEAT_UNAVAILABLE')),
    reconnectNow() {
      if (status === 'closed') {
        start();
        reconnect();
      } else endCurrent(false);
    },
    close: (code, reason) => endCurrent(true, code, reason),
  };
}

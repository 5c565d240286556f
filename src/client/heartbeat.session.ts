import { VERSION, type ServerFrame } from '../protocol/frames.js';
import type { AdaptiveTimeout } from './adaptive.timeout.js';
import { createCloseEvent, createEvent } from './events.js';
import type { ClientHeartbeat, WithHeartbeatOptions } from './heartbeat.socket.js';
import { watchPage } from './page.signals.js';
import { probeError } from './probe.error.js';
import { createServerDetector } from './server.detector.js';
import { readFrame, writeFrame } from './server.frames.js';
import { CLOSED, OPEN, type SocketEvent, type WebSocketLike } from './web-socket.js';

/** The heartbeat of one socket: its public state, and the methods that the rest of the client uses. */
export interface HeartbeatSession extends ClientHeartbeat {
  probe(timeout?: number): Promise<number>;
  /**
   * Ends the connection: dispatches `close` at once, without waiting for the closing handshake.
   *
   * @param sent the code of the close frame
   */
  end(code: number, reason: string, sent?: number): void;
}

/** Minimum time between two pings of the client, ms. Servers allow five heartbeat messages per second by default. */
const PING_SPACING = 250;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Starts the heartbeat of a socket. Its listeners are the first of the socket, so they can stop heartbeat messages
 * from reaching other listeners.
 *
 * The state is kept in local variables, because a minifier shortens their names and not those of fields.
 *
 * @param native the object whose `send()` and `close()` are called; subclasses may override those of `socket`
 */
export function startSession(
  socket: WebSocketLike,
  {
    event = 'heartbeat',
    hello = true,
    helloTimeout = 10_000,
    probeTimeout = 5_000,
    closeOnFreeze,
    interval,
    timeout,
  }: WithHeartbeatOptions,
  adaptive: AdaptiveTimeout,
  native = socket,
): HeartbeatSession {
  /** The close event that `end()` dispatched. Native events after it are suppressed. */
  let ownCloseEvent: Event | undefined;
  let lastMessageAt = performance.now();
  let helloSentAt = -Infinity;
  /** Id of the pending ping. */
  let pingId: string | undefined;
  let pingSentAt = -Infinity;
  /** Settles the pending probes: with the round trip, or without one. */
  const probes = new Set<(roundTrip?: number) => void>();
  /** The call that waits until the next ping may be sent. */
  let delayedCall: (() => void) | undefined;
  let delayTimer: ReturnType<typeof setTimeout> | undefined;

  const session = {
    state: 'plain',
    get silence() {
      return performance.now() - lastMessageAt;
    },
    serverNow: () => Date.now() + (session.offset ?? 0),
    probe: (within = probeTimeout) =>
      new Promise((resolve, reject) => {
        // Without an answer to hello in time, the server does not support the protocol.
        const isUnsupported = !session.id && performance.now() - helloSentAt > helloTimeout;
        if (isUnsupported || socket.readyState !== OPEN)
          return reject(probeError('HEARTBEAT_UNAVAILABLE'));
        const settle = (roundTrip?: number) => {
          probes.delete(settle);
          clearTimeout(timer);
          if (roundTrip !== undefined) resolve(roundTrip);
          else reject(probeError('HEARTBEAT_PROBE_TIMEOUT'));
        };
        const timer = setTimeout(settle, within);
        probes.add(settle);
        callSpaced(ping);
      }),
    end(code, reason, sent = code) {
      if (socket.readyState === CLOSED) return;
      ownCloseEvent = createCloseEvent(code, reason);
      try {
        // Some classes dispatch events inside close().
        native.close.call(socket, sent, reason);
      } catch (error) {
        ownCloseEvent = undefined;
        throw error;
      }
      Object.defineProperty(socket, 'readyState', { value: CLOSED });
      socket.dispatchEvent(ownCloseEvent);
    },
  } as Mutable<HeartbeatSession>;

  const send = (frame?: object) => {
    if (socket.readyState === OPEN) native.send.call(socket, writeFrame(event, frame));
  };

  const dispatch = (name: string, detail: object) =>
    socket.dispatchEvent(createEvent(`heartbeat:${name}`, detail));

  /** Updates the round trip and the clock offset. `now`: the server's time, half a round trip ago. */
  const updateTimes = (rtt: number | undefined, now: number) => {
    session.rtt = rtt;
    session.offset = now + (rtt ?? 0) / 2 - Date.now();
    dispatch('beat', { rtt, offset: session.offset });
  };

  /** Sends a ping unless one is pending. */
  const ping = () => {
    if (pingId) return;
    pingId = String(Math.random());
    pingSentAt = performance.now();
    send({ op: 'ping', id: pingId });
  };

  /** Calls a function that may send a ping: at once, or when PING_SPACING has passed since the last ping. */
  const callSpaced = (call: () => void) => {
    const wait = pingSentAt + PING_SPACING - performance.now();
    if (pingId || wait <= 0) return call();
    // A ping that the detector requests also has a deadline, so it replaces one that only a probe requests.
    if (call !== ping || !delayedCall) delayedCall = call;
    delayTimer ??= setTimeout(() => {
      delayedCall?.();
      delayedCall = delayTimer = undefined;
    }, wait);
  };

  const detector = createServerDetector(probeTimeout, adaptive, (action) => {
    if (action === 'ping') return ping();
    if (action === 'heartbeat') return send();
    // No further ping is sent while one is pending. The server needs a sign of life nevertheless.
    if (action === 'suspect' && pingId) send();
    session.state = action;
    dispatch(action, { silence: session.silence });
    // The application gets 1006, which a close frame cannot carry. The server gets 4408 if the path still works.
    if (action === 'dead') session.end(1006, 'heartbeat timeout', 4408);
  });

  /**
   * Handles a frame, and stops its message. Until the server has sent hello, a message that looks like a frame may be
   * one of the application, and is left to its listeners.
   */
  const handleFrame = (frame: ServerFrame, message: SocketEvent) => {
    if (pingId && frame.op === 'pong' && frame.id === pingId) {
      const roundTrip = performance.now() - pingSentAt;
      pingId = undefined;
      probes.forEach((settle) => settle(roundTrip));
      updateTimes(roundTrip, frame.now);
    }
    // An echo of the client's own hello has no id.
    else if (frame.op === 'hello' && frame.id && hello) {
      session.id = frame.id;
      session.state = 'alive';
      detector.start(frame.interval, frame.timeout);
      updateTimes(performance.now() - helloSentAt, frame.now);
    } else if (!session.id) return;
    else if (frame.op === 'ping') {
      send({ op: 'pong', id: frame.id });
      updateTimes(frame.rtt ?? session.rtt, frame.now);
    } else if (frame.op === 'drain') dispatch('drain', frame);
    message.stopImmediatePropagation();
  };

  const unwatchPage = watchPage((type) => {
    if (type !== 'freeze') callSpaced(detector.ping);
    else if (closeOnFreeze ?? session.id) session.end(4410, 'page frozen');
  });

  const listen = (type: string, listener?: (event: SocketEvent) => void) =>
    socket.addEventListener(type, (event) => {
      if (ownCloseEvent && event !== ownCloseEvent) {
        (event as SocketEvent).stopImmediatePropagation();
        if (type === 'close') detector.onClosed((event as SocketEvent).wasClean);
      } else listener?.(event as SocketEvent);
    });

  listen('open', () => {
    lastMessageAt = performance.now();
    if (!hello) return;
    helloSentAt = lastMessageAt;
    send({ op: 'hello', v: VERSION, interval, timeout });
  });
  listen('message', (message) => {
    lastMessageAt = performance.now();
    if (session.id) session.state = 'alive';
    detector.onMessage();
    const frame = readFrame(event, message.data);
    if (frame) handleFrame(frame, message);
  });
  listen('error');
  listen('close', () => {
    if (session.id) session.state = 'dead';
    unwatchPage();
    detector.stop();
    clearTimeout(delayTimer);
    probes.forEach((settle) => settle());
  });
  return session;
}

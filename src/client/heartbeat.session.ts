import { VERSION, type ServerFrame } from '../protocol/frames.js';
import type { AdaptiveTimeout } from './adaptive.timeout.js';
import { closeEvent, eventOf } from './events.js';
import type { ClientHeartbeat, WithHeartbeatOptions } from './heartbeat.socket.js';
import { watchPage } from './page.signals.js';
import { probeError } from './probe.error.js';
import { readFrame, writeFrame } from './server.frames.js';
import { judgeSilence } from './server.detector.js';
import { CLOSED, OPEN, type MessageLike, type WebSocketLike } from './web-socket.js';

/** The heartbeat of one socket: what the application sees of it, and what the rest of the client does with it. */
export interface HeartbeatSession extends ClientHeartbeat {
  probe(timeout?: number): Promise<number>;
  /** Ends the connection for everybody here at once; the network may take its time. */
  end(code: number, reason: string, sent?: number): void;
}

/** The shortest time between two pings of the client that are answered at once, ms: servers permit 5 a second. */
const PING_SPACING = 250;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Starts the heartbeat of a socket. It listens first, and keeps from others what is not for them.
 *
 * Its state is in variables, which a minifier can shorten: every byte of this travels to every page.
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
  /** The close event by which we ended it. What the network says of it later is nobody's business. */
  let ending: Event | undefined;
  let heardAt = performance.now();
  let greetedAt = -Infinity;
  /** The id of the one ping in flight, and when the last one was sent. */
  let pingId: string | undefined;
  let pingedAt = -Infinity;
  /** Ends each probe that waits for the answer to it, with the round trip where there is one. */
  const probes = new Set<(roundTrip?: number) => void>();
  /** What has to wait because the last ping was sent just before. */
  let postponed: (() => void) | undefined;
  let postponing: ReturnType<typeof setTimeout> | undefined;

  const session = {
    state: 'plain',
    get silence() {
      return performance.now() - heardAt;
    },
    serverNow: () => Date.now() + (session.offset ?? 0),
    probe: (within = probeTimeout) =>
      new Promise((resolve, reject) => {
        // Who was not greeted, or has not answered for long, does not know us.
        const isStranger = !session.id && performance.now() - greetedAt > helloTimeout;
        if (isStranger || socket.readyState !== OPEN)
          return reject(probeError('HEARTBEAT_UNAVAILABLE'));
        const settle = (roundTrip?: number) => {
          probes.delete(settle);
          clearTimeout(timer);
          if (roundTrip !== undefined) resolve(roundTrip);
          else reject(probeError('HEARTBEAT_PROBE_TIMEOUT'));
        };
        const timer = setTimeout(settle, within);
        probes.add(settle);
        paced(ping);
      }),
    end(code, reason, sent = code) {
      if (socket.readyState === CLOSED) return;
      ending = closeEvent(code, reason);
      try {
        // Some fire their own events from inside.
        native.close.call(socket, sent, reason);
      } catch (error) {
        ending = undefined;
        throw error;
      }
      Object.defineProperty(socket, 'readyState', { value: CLOSED });
      socket.dispatchEvent(ending);
    },
  } as Mutable<HeartbeatSession>;

  const tell = (frame?: object) => {
    if (socket.readyState === OPEN) native.send.call(socket, writeFrame(event, frame));
  };

  const dispatch = (name: string, detail: object) =>
    socket.dispatchEvent(eventOf(`heartbeat:${name}`, detail));

  /** `now`: the server's clock, half a round trip ago. */
  const beat = (rtt: number | undefined, now: number) => {
    session.rtt = rtt;
    session.offset = now + (rtt ?? 0) / 2 - Date.now();
    dispatch('beat', { rtt, offset: session.offset });
  };

  /** Sends a ping, unless one is in flight. */
  const ping = () => {
    if (pingId) return;
    pingId = String(Math.random());
    pingedAt = performance.now();
    tell({ op: 'ping', id: pingId });
  };

  /** Calls what may send a ping: at once, or as soon as the limits of the server permit another one. */
  const paced = (act: () => void) => {
    const wait = pingedAt + PING_SPACING - performance.now();
    if (pingId || wait <= 0) return act();
    // What sends a ping for the sake of the page also judges its answer.
    if (act !== ping || !postponed) postponed = act;
    postponing ??= setTimeout(() => {
      postponed?.();
      postponed = postponing = undefined;
    }, wait);
  };

  const judge = judgeSilence(probeTimeout, adaptive, (step) => {
    if (step === 'ask') return ping();
    // The server judges by its own times: what is sent shows it that this client is alive.
    if (step === 'beat' || (step === 'suspect' && pingId)) tell();
    if (step === 'beat') return;
    session.state = step;
    dispatch(step, { silence: session.silence });
    // 1006 is what the network would say; 4408 is what we may send, should it still arrive.
    if (step === 'dead') session.end(1006, 'heartbeat timeout', 4408);
  });

  /** Returns whether the frame is for us. A server that never welcomed us may use our event for its own. */
  const take = (frame: ServerFrame) => {
    if (pingId && frame.op === 'pong' && frame.id === pingId) {
      const roundTrip = performance.now() - pingedAt;
      pingId = undefined;
      probes.forEach((settle) => settle(roundTrip));
      beat(roundTrip, frame.now);
    }
    // An echo of our own has no id.
    else if (frame.op === 'hello' && frame.id && hello) {
      session.id = frame.id;
      session.state = 'alive';
      judge.start(frame.interval, frame.timeout);
      beat(performance.now() - greetedAt, frame.now);
    } else if (!session.id) return false;
    else if (frame.op === 'ping') {
      tell({ op: 'pong', id: frame.id });
      beat(frame.rtt ?? session.rtt, frame.now);
    } else if (frame.op === 'drain') dispatch('drain', frame);
    return true;
  };

  const leavePage = watchPage((type) => {
    if (type !== 'freeze') paced(judge.ask);
    else if (closeOnFreeze ?? session.id) session.end(4410, 'page frozen');
  });

  const listen = (type: string, listener?: (event: MessageLike) => void) =>
    socket.addEventListener(type, (event) => {
      if (ending && event !== ending) {
        (event as MessageLike).stopImmediatePropagation();
        if (type === 'close') judge.closed((event as MessageLike).wasClean);
      } else listener?.(event as MessageLike);
    });

  listen('open', () => {
    heardAt = performance.now();
    if (!hello) return;
    greetedAt = heardAt;
    tell({ op: 'hello', v: VERSION, interval, timeout });
  });
  listen('message', (message) => {
    heardAt = performance.now();
    if (session.id) session.state = 'alive';
    judge.heard();
    const frame = readFrame(event, message.data);
    if (frame && take(frame)) message.stopImmediatePropagation();
  });
  listen('error');
  // Nothing of ours stays behind.
  listen('close', () => {
    if (session.id) session.state = 'dead';
    leavePage();
    judge.stop();
    clearTimeout(postponing);
    probes.forEach((settle) => settle());
  });
  return session;
}

import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { EvictionCause } from '../heartbeat.interfaces.js';
import { escapeText } from '../heartbeat.text.js';
import { bytes, duration, timeOfDay } from './figures.js';

type Explanation = (closed: ClosedConnection) => string;

/** Of close codes, in words (the IANA registry; 4410 is of the companion client of this package). */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code given',
  1007: 'invalid data',
  1008: 'policy violation',
  1009: 'message too big',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  4410: 'page frozen',
};
const ABNORMAL = 1006;

const EVICTED: Record<EvictionCause, Explanation> = {
  unresponsive: (closed) =>
    closed.level === 'application'
      ? `No message for ${duration(closed.applicationSilence)}, with a timeout of ${duration(closed.timeout)}, on a ` +
        `connection that works; ${lastByte(closed)}; ${process(closed)}`
      : `No pong for ${duration(closed.silence)}, with a timeout of ${duration(closed.timeout)}; ` +
        `last byte ${timeOfDay(closed.closedAt - closed.silence)}; ${process(closed)}`,
  idle: (closed) =>
    `No application message for ${duration(closed.idle)}, which is the idle timeout; ${lastByte(closed)}; ${frame(closed)}`,
  expired: (closed) =>
    `The maximum lifetime was reached after ${age(closed)}; ${frame(closed)}; ${lastByte(closed)}`,
  unadmitted: (closed) =>
    `Not admitted by the application ${age(closed)} after the client connected; ${frame(closed)}`,
  flooding: (closed) =>
    `Sent more than the limits allow, ${age(closed)} after the client connected; ${frame(closed)}; ${lastByte(closed)}`,
  'slow-consumer': (closed) =>
    `${bytes(closed.bufferedBytes)} waited to be sent, more than the backlog limit allows; ${lastByte(closed)}; ` +
    loop(closed),
  drain: (closed) =>
    `The server drained its clients, this one after ${age(closed)}; ${frame(closed)}`,
  requested: (closed) =>
    `disconnect() was called after ${age(closed)}; ${frame(closed)}; ${lastByte(closed)}`,
};

/** Without a cause. */
const CLOSED: Record<ClosedBy, Explanation> = {
  server: (closed) =>
    `The server closed it over a protocol error of the client after ${age(closed)}; ${frame(closed)}`,
  application: (closed) =>
    `The application ${closed.code === ABNORMAL ? 'terminated' : 'closed'} it after ${age(closed)}; ${frame(closed)}; ` +
    lastByte(closed),
  client: (closed) =>
    `The client closed it after ${age(closed)}; ${frame(closed)}; ${lastByte(closed)}`,
  network: (closed) =>
    `The connection was lost after ${age(closed)}, without a close frame of either side; ${lastByte(closed)}; ` +
    process(closed),
};

/** What ended a connection, in one sentence with the figures that decided. Text of clients is escaped. */
export function why(closed: ClosedConnection): string {
  return closed.cause === undefined ? CLOSED[closed.by](closed) : EVICTED[closed.cause](closed);
}

function age({ connectedAt, closedAt }: ClosedConnection): string {
  return duration(Math.max(0, closedAt - connectedAt));
}

function frame({ code, reason }: ClosedConnection): string {
  if (code === ABNORMAL) return 'no close frame';
  const name = CODE_NAMES[code];
  return `code ${code}${name === undefined ? '' : ` (${name})`}${reason === '' ? '' : `, reason ${escapeText(reason)}`}`;
}

function lastByte({ silence }: ClosedConnection): string {
  return `last byte ${duration(silence)} before`;
}

/** What this process contributed. */
function process(closed: ClosedConnection): string {
  return `${bytes(closed.bufferedBytes)} waiting; ${loop(closed)}`;
}

function loop({ loopDelay }: ClosedConnection): string {
  return `our loop was ${duration(loopDelay)} late`;
}

import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import type { WsConnection } from '../transport/ws.connection.js';

/** RFC 6455, section 7.1.5: the connection ended without a close frame. */
export const ABNORMAL = 1006;

/** The close frame of the side that closed first. */
export interface Close {
  readonly by: ClosedBy;
  readonly code: number;
  readonly reason: string;
}

/** What is remembered of a connection whose `'close'` event has this code and reason. */
export function closedConnection(
  connection: WsConnection,
  liveness: Liveness,
  loopDelay: number,
  code: number,
  reason: string,
  closedAt: number,
): ClosedConnection {
  return describeClosed(liveness, closeOf(connection, code, reason), loopDelay, closedAt);
}

/** The same of a connection that is known by its last liveness. */
export function describeClosed(
  liveness: Liveness,
  close: Close,
  loopDelay: number,
  closedAt: number,
): ClosedConnection {
  const { eviction } = liveness;
  const decided = eviction ?? { liveness, bufferedBytes: liveness.bufferedBytes, loopDelay };
  const { silence, applicationSilence, idle } = decided.liveness;
  const { id, label, gateways, remoteAddress, connectedAt, timeout, rtt } = liveness;
  return Object.freeze({
    id,
    ...(label !== undefined && { label }),
    gateways,
    ...(remoteAddress !== undefined && { remoteAddress }),
    connectedAt,
    closedAt,
    ...close,
    ...(eviction && { cause: eviction.cause }),
    ...(eviction?.level && { level: eviction.level }),
    silence,
    applicationSilence,
    idle,
    bufferedBytes: decided.bufferedBytes,
    loopDelay: decided.loopDelay,
    timeout,
    ...(rtt && { rtt }),
  });
}

/** Which side closed a connection whose `'close'` event has this code and reason, and how. */
export function closeOf(
  { eviction, closeOrigin }: Pick<WsConnection, 'eviction' | 'closeOrigin'>,
  code: number,
  reason: string,
): Close {
  if (eviction !== undefined) {
    const by = eviction.cause === 'requested' ? 'application' : 'server';
    return { by, code: eviction.code, reason: eviction.code === ABNORMAL ? '' : eviction.reason };
  }
  if (closeOrigin?.by === 'client') return { by: 'client', code, reason };
  if (closeOrigin !== undefined) {
    const { by } = closeOrigin;
    const frame = { code: closeOrigin.code, reason: closeOrigin.reason };
    return { by: by === 'protocol' ? 'server' : by, ...frame };
  }
  // Accepted before the module started: the side that began is not known. Most close frames come from clients.
  return { by: code === ABNORMAL ? 'network' : 'client', code, reason };
}

import type { Type } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { UnknownClientError } from '../heartbeat.errors.js';
import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import type { ClientFilter, ClosedFilter } from '../liveness/client.queries.js';
import { createLiveness } from './liveness.builders.js';

/** A close code and its reason. */
interface CloseFrame {
  readonly code: number;
  readonly reason: string;
}

/** The clients of a stub, and what is remembered of those that closed. */
export class StubClients {
  private readonly known = new Map<object, Liveness>();
  private readonly closed: ClosedConnection[] = [];

  get(client: object): Liveness | undefined {
    return this.known.get(client);
  }

  /** @throws UnknownClientError for a client that was not added */
  find(client: object, method: string): Liveness {
    const liveness = this.known.get(client);
    if (liveness === undefined) throw new UnknownClientError(method);
    return liveness;
  }

  set(client: object, values: Partial<Liveness>): Liveness {
    const liveness = createLiveness({
      ...this.known.get(client),
      ...values,
      client: client as WebSocket,
    });
    this.known.set(client, liveness);
    return liveness;
  }

  /** A client has closed. */
  close(client: object, frame: CloseFrame, by: ClosedBy): Liveness {
    const liveness = this.set(client, { state: 'closed' });
    this.closed.unshift(describeClosed(liveness, frame, by));
    return liveness;
  }

  *select({ gateway, state }: ClientFilter): IterableIterator<Liveness> {
    for (const liveness of this.known.values()) {
      const isWanted = state === undefined ? liveness.state !== 'closed' : liveness.state === state;
      if (isWanted && belongsTo(liveness, gateway)) yield liveness;
    }
  }

  history({ gateway, cause, by, limit = Infinity }: ClosedFilter): ClosedConnection[] {
    return this.closed
      .filter((one) => belongsTo(one, gateway))
      .filter((one) => cause === undefined || one.cause === cause)
      .filter((one) => by === undefined || one.by === by)
      .slice(0, limit);
  }
}

function belongsTo(
  { gateways }: Pick<Liveness, 'gateways'>,
  gateway: Type | string | undefined,
): boolean {
  if (gateway === undefined) return true;
  return gateways.includes(typeof gateway === 'string' ? gateway : gateway.name);
}

function describeClosed(liveness: Liveness, frame: CloseFrame, by: ClosedBy): ClosedConnection {
  const { label, remoteAddress, eviction, rtt } = liveness;
  const { id, gateways, connectedAt, timeout } = liveness;
  const { silence, applicationSilence, idle, bufferedBytes } = eviction?.liveness ?? liveness;
  return Object.freeze({
    id,
    ...(label !== undefined && { label }),
    gateways,
    ...(remoteAddress !== undefined && { remoteAddress }),
    connectedAt,
    closedAt: Date.now(),
    by,
    ...(eviction && { cause: eviction.cause }),
    ...(eviction?.level !== undefined && { level: eviction.level }),
    ...frame,
    silence,
    applicationSilence,
    idle,
    bufferedBytes,
    loopDelay: eviction?.loopDelay ?? 0,
    timeout,
    ...(rtt && { rtt }),
  });
}

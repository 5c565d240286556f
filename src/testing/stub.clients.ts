import type { Type } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { describeClosed, type Close } from '../connections/closed.connection.js';
import { ConnectionHistory } from '../connections/connection.history.js';
import { UnknownClientError } from '../heartbeat.errors.js';
import type { ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import type { ClientFilter, ClosedFilter } from '../liveness/client.queries.js';
import { createLiveness } from './liveness.builders.js';

/** How many closed connections are remembered. */
const HISTORY = 1_000;

/** The clients of a stub, and what is remembered of those that closed. */
export class StubClients {
  private readonly known = new Map<object, Liveness>();
  private readonly closed = new ConnectionHistory({ history: HISTORY });

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
  close(client: object, close: Close): Liveness {
    const liveness = this.set(client, { state: 'closed' });
    this.closed.add(describeClosed(liveness, close, 0, Date.now()));
    return liveness;
  }

  *select({ gateway, state }: ClientFilter): IterableIterator<Liveness> {
    const name = nameOf(gateway);
    for (const liveness of this.known.values()) {
      const isWanted = state === undefined ? liveness.state !== 'closed' : liveness.state === state;
      if (isWanted && (name === undefined || liveness.gateways.includes(name))) yield liveness;
    }
  }

  history({ gateway, ...filter }: ClosedFilter): ClosedConnection[] {
    return this.closed.select({ ...filter, gateway: nameOf(gateway) });
  }
}

function nameOf(gateway: Type | string | undefined): string | undefined {
  return typeof gateway === 'function' ? gateway.name : gateway;
}

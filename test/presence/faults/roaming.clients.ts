import { connect, type LiveConnection } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket } from 'undici';
import { nextOf } from '../../support/listening.js';

/** How many clients connect at the same time. */
const AT_ONCE = 100;

/** A time without a connection. `performance.now()`; Infinity while it lasts. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

const clients = new Set<RoamingClient>();

/** Ends all clients. For `afterAll()`. */
export function endRoaming(): void {
  for (const client of clients) client.leave();
  clients.clear();
}

/** A client that reconnects to any of the nodes that run. */
export class RoamingClient {
  readonly gaps: Gap[] = [];
  endedAt = Infinity;
  private readonly connection: LiveConnection;
  private downAt: number | undefined;

  private constructor(
    readonly key: string,
    urlOf: () => string,
  ) {
    this.connection = connect(() => `${urlOf()}/?name=${key}`, { WebSocket, baseDelay: 200 });
    clients.add(this);
    this.connection.on('down', () => (this.downAt = performance.now()));
    this.connection.on('ended', () => (this.endedAt = performance.now()));
    this.connection.on('up', () => {
      if (this.downAt !== undefined) this.gaps.push({ from: this.downAt, to: performance.now() });
      this.downAt = undefined;
    });
  }

  /** Connects clients, each to a URL that is asked for with every attempt. */
  static async connectAll(count: number, urlOf: () => string): Promise<RoamingClient[]> {
    const connected: RoamingClient[] = [];
    while (connected.length < count) {
      const part = Array.from(
        { length: Math.min(AT_ONCE, count - connected.length) },
        (_, index) => new RoamingClient(`roaming-${connected.length + index}`, urlOf),
      );
      await Promise.all(part.map(({ connection }) => nextOf(connection, 'up')));
      connected.push(...part);
    }
    return connected;
  }

  get isOpen(): boolean {
    return this.connection.status === 'open';
  }

  /** All times without a connection, the present one included. */
  get absences(): readonly Gap[] {
    return this.downAt === undefined
      ? this.gaps
      : [...this.gaps, { from: this.downAt, to: Infinity }];
  }

  /** Closes the connection for good. */
  leave(): void {
    this.connection.close();
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { TimeSlice } from '../lifecycle/time.slice.js';
import { ClientQueries } from '../liveness/client.queries.js';
import type { ScannedClient } from '../liveness/scanned.client.js';

/** Visits between two readings of the time, which costs as much as a visit. */
const BATCH = 16;

/** Visits all clients in slices of time. One scan runs at a time, so that many requests do not add up their slices. */
@Injectable()
export class ClientScan {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly clients: ClientQueries,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** Calls `visit` for every client, until it returns `true`. */
  run(visit: (client: ScannedClient) => boolean | void): Promise<void> {
    const scan = this.last.then(() => this.visitAll(visit));
    this.last = scan.catch(() => {});
    return scan;
  }

  /** The client with a connection ID; `undefined` if there is none. */
  async find(id: string): Promise<ScannedClient | undefined> {
    let found: ScannedClient | undefined;
    await this.run((client) => {
      if (client.id === id) found = client;
      return found !== undefined;
    });
    return found;
  }

  private async visitAll(visit: (client: ScannedClient) => boolean | void): Promise<void> {
    const slice = new TimeSlice(this.clock);
    let visits = 0;
    for (const client of this.clients.scan()) {
      if (visit(client)) return;
      if (++visits % BATCH === 0 && slice.isOver()) await slice.next();
    }
  }
}

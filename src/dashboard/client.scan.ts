import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import { TimeSlice } from '../lifecycle/time.slice.js';
import { LivenessService } from '../liveness/liveness.service.js';

/** Visits all clients in slices of time. One scan runs at a time, so that many requests do not add up their slices. */
@Injectable()
export class ClientScan {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly liveness: LivenessService,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** Calls `visit` for every client, until it returns `true`. */
  run(visit: (liveness: Liveness) => boolean | void): Promise<void> {
    const scan = this.last.then(() => this.visitAll(visit));
    this.last = scan.catch(() => {});
    return scan;
  }

  /** The client with a connection ID; `undefined` if there is none. */
  async find(id: string): Promise<Liveness | undefined> {
    let found: Liveness | undefined;
    await this.run((liveness) => {
      if (liveness.id === id) found = liveness;
      return found !== undefined;
    });
    return found;
  }

  private async visitAll(visit: (liveness: Liveness) => boolean | void): Promise<void> {
    const slice = new TimeSlice(this.clock);
    // Without a filter: `clients()` would skip the clients that do not fit without a pause.
    for (const liveness of this.liveness.clients()) {
      if (visit(liveness)) return;
      if (slice.isOver()) await slice.next();
    }
  }
}

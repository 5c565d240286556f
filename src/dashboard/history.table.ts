import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { ClosedConnection } from '../heartbeat.history.interfaces.js';
import { TimeSlice } from '../lifecycle/time.slice.js';
import { LivenessService } from '../liveness/liveness.service.js';
import type { DashboardClosedConnection, DashboardTable } from './dashboard.interfaces.js';
import { DASHBOARD_OPTIONS, type ResolvedDashboardOptions } from './dashboard.options.js';
import type { HistoryQuery } from './dashboard.queries.js';
import { readGateway } from './gateway.filter.js';
import { ADDRESS_FORMATS } from './remote.addresses.js';
import { textMatch } from './text.match.js';
import { why } from './why.js';

/** Reads `data/history`. */
@Injectable()
export class HistoryTable {
  constructor(
    private readonly liveness: LivenessService,
    @Inject(DASHBOARD_OPTIONS) private readonly options: ResolvedDashboardOptions,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** @throws HttpException (400) for a gateway that no monitored server had */
  async read({
    q,
    limit,
    ...filter
  }: HistoryQuery): Promise<DashboardTable<DashboardClosedConnection>> {
    const at = this.clock.wallTime();
    const total = this.liveness.history().length;
    const selected = readGateway(filter.gateway, () => this.liveness.history(filter));
    const matches = textMatch(q);
    const isFull = this.options.addresses === 'full';
    const rows: DashboardClosedConnection[] = [];
    let matched = 0;
    const slice = new TimeSlice(this.clock);
    for (const closed of selected) {
      const { id, label, reason, remoteAddress } = closed;
      if (!matches(id, label, reason, isFull ? remoteAddress : undefined)) continue;
      matched++;
      if (rows.length < limit) rows.push(this.row(closed));
      if (slice.isOver()) await slice.next();
    }
    return { at, total, matched, rows };
  }

  private row({ remoteAddress, ...closed }: ClosedConnection): DashboardClosedConnection {
    const shown = ADDRESS_FORMATS[this.options.addresses](remoteAddress);
    return { ...closed, ...(shown !== undefined && { remoteAddress: shown }), why: why(closed) };
  }
}

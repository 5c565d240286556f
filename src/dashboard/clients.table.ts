import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { Eviction, Liveness } from '../heartbeat.interfaces.js';
import { TimeSlice } from '../lifecycle/time.slice.js';
import { LivenessService } from '../liveness/liveness.service.js';
import { ClientScan } from './client.scan.js';
import type { DashboardClient, DashboardTable } from './dashboard.interfaces.js';
import { DASHBOARD_OPTIONS, type ResolvedDashboardOptions } from './dashboard.options.js';
import type { ClientsQuery, ClientSort } from './dashboard.queries.js';
import { FirstRows } from './first.rows.js';
import { readGateway } from './gateway.filter.js';
import { ADDRESS_FORMATS } from './remote.addresses.js';
import { textMatch } from './text.match.js';

/** What a sort key reads; `undefined` is sorted to the end in both orders. */
const SORT_KEYS: Record<ClientSort, (liveness: Liveness) => number | undefined> = {
  silence: ({ silence }) => silence,
  rtt: ({ rtt }) => rtt?.smoothed,
  bufferedBytes: ({ bufferedBytes }) => bufferedBytes,
  age: ({ connectedAt }) => -connectedAt,
};

/** Reads `data/clients`. */
@Injectable()
export class ClientsTable {
  constructor(
    private readonly liveness: LivenessService,
    private readonly scan: ClientScan,
    @Inject(DASHBOARD_OPTIONS) private readonly options: ResolvedDashboardOptions,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  /** @throws HttpException (400) for a gateway that no monitored server has */
  async read(query: ClientsQuery): Promise<DashboardTable<DashboardClient>> {
    const { gateway, sort, order, limit } = query;
    if (gateway !== undefined) readGateway(gateway, () => this.liveness.clients({ gateway }));
    const fits = this.filterOf(query);
    const first = new FirstRows(comparison(sort, order), limit);
    let total = 0;
    let matched = 0;
    await this.scan.run((liveness) => {
      total++;
      if (!fits(liveness)) return;
      matched++;
      first.add(liveness);
    });
    // In turns of their own: the scan has used up its slice, and the rows are written as JSON after this.
    const slice = new TimeSlice(this.clock);
    await slice.next();
    const at = this.clock.wallTime();
    const rows = first.sorted().map((liveness) => this.row(liveness, at));
    await slice.next();
    return { at, total, matched, rows };
  }

  private filterOf({ gateway, state, q }: ClientsQuery): (liveness: Liveness) => boolean {
    const matches = textMatch(q);
    const isFull = this.options.addresses === 'full';
    return (liveness) =>
      (gateway === undefined || liveness.gateways.includes(gateway)) &&
      (state === undefined || liveness.state === state) &&
      matches(
        liveness.id,
        liveness.label,
        liveness.eviction?.reason,
        isFull ? liveness.remoteAddress : undefined,
      );
  }

  private row(liveness: Liveness, at: number): DashboardClient {
    const { client: _, eviction, remoteAddress, ...plain } = liveness;
    const shown = ADDRESS_FORMATS[this.options.addresses](remoteAddress);
    return {
      ...plain,
      ...(shown !== undefined && { remoteAddress: shown }),
      ...(eviction && { eviction: withoutLiveness(eviction) }),
      age: Math.max(0, at - liveness.connectedAt),
    };
  }
}

function comparison(
  sort: ClientSort,
  order: ClientsQuery['order'],
): (a: Liveness, b: Liveness) => number {
  const key = SORT_KEYS[sort];
  const sign = order === 'desc' ? -1 : 1;
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    return sign * (left - right);
  };
}

/** The liveness at the decision holds the client again, which is no data. */
function withoutLiveness(eviction: Eviction): Omit<Eviction, 'liveness'> {
  const { liveness: _, ...plain } = eviction;
  return plain;
}

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { Eviction, Liveness } from '../heartbeat.interfaces.js';
import { TimeSlice } from '../lifecycle/time.slice.js';
import { LivenessService } from '../liveness/liveness.service.js';
import type { ScannedClient } from '../liveness/scanned.client.js';
import { ClientScan } from './client.scan.js';
import type { DashboardClient, DashboardTable } from './dashboard.interfaces.js';
import { DASHBOARD_OPTIONS, type ResolvedDashboardOptions } from './dashboard.options.js';
import type { ClientsQuery, ClientSort } from './dashboard.queries.js';
import { FirstRows } from './first.rows.js';
import { readGateway } from './gateway.filter.js';
import { ADDRESS_FORMATS } from './remote.addresses.js';
import { textMatch } from './text.match.js';

/** What the clients are sorted by; `undefined` is sorted to the end in both orders. */
const SORT_KEYS: Record<ClientSort, (client: ScannedClient) => number | undefined> = {
  silence: ({ silence }) => silence,
  rtt: ({ rtt }) => rtt,
  bufferedBytes: ({ bufferedBytes }) => bufferedBytes,
  age: ({ connectedAt }) => -connectedAt,
};

/** A client and its sort key, which is read once. */
interface Row {
  readonly client: ScannedClient;
  readonly key: number | undefined;
}

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
    const compare = comparison(order);
    const first = new FirstRows(compare, limit);
    const rowOf = (client: ScannedClient): Row => ({ client, key: SORT_KEYS[sort](client) });
    const isMostSilent = sort === 'silence' && order === 'desc';
    let total = 0;
    let matched = 0;
    await this.scan.run((client) => {
      total++;
      if (!fits(client)) return;
      matched++;
      if (isMostSilent && client.longestSilence <= (first.last?.key ?? -1)) return;
      first.add(rowOf(client));
    });
    // In turns of their own: the scan has used up its slice, and the rows are written as JSON after this.
    const slice = new TimeSlice(this.clock);
    await slice.next();
    const at = this.clock.wallTime();
    // Sorted again by what is shown: a client may have answered meanwhile.
    const shown = first.sorted().map(({ client }) => rowOf(client));
    const rows = shown.toSorted(compare).map(({ client }) => this.row(client.liveness(), at));
    await slice.next();
    return { at, total, matched, rows };
  }

  private filterOf({ gateway, state, q }: ClientsQuery): (client: ScannedClient) => boolean {
    const matches = textMatch(q);
    const isFull = this.options.addresses === 'full';
    return (client) =>
      (gateway === undefined || client.gateways.includes(gateway)) &&
      (state === undefined || client.state === state) &&
      (q === undefined ||
        matches(
          client.id,
          client.label,
          client.eviction?.reason,
          isFull ? client.remoteAddress : undefined,
        ));
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

function comparison(order: ClientsQuery['order']): (a: Row, b: Row) => number {
  const sign = order === 'desc' ? -1 : 1;
  return ({ key: left }, { key: right }) => {
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

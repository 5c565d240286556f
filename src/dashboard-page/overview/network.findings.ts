import type { DashboardMinute, DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import { hashOf } from '../route.js';
import { count, duration, plural, sum } from '../wording.js';
import { NETWORK, NETWORK_OR_CLIENTS, SERVER, type FindingRule } from './finding.js';
import { lastPeriod } from './period.js';

/** Fewer than these are single clients. */
const SEVERAL = 5;
/** The share of the open connections that is suspect or lost, from which on it is no matter of single clients. */
const SHARE = 0.05;
/** Round trips are slow if p95 is this many times what it was, and at least `SLOW` ms. */
const SLOWER = 3;
const SLOW = 50;
/** Minutes with round trips that a usual value needs. */
const BASELINE_MINUTES = 5;
/** Connections that end at an age around 60 s: the limit of the bucket, and their share, if there are this many. */
const PROXY_BUCKET = 65_000;
const PROXY_SHARE = 0.5;
const PROXY_COUNT = 10;

function isMany(some: number, all: number): boolean {
  return some >= SEVERAL && some >= SHARE * all;
}

const lost: FindingRule = ({ minutes }) => {
  const period = lastPeriod(minutes, ({ closedBy, open }) =>
    isMany(closedBy.network, open + closedBy.network),
  );
  if (period === undefined) return undefined;
  const all = sum(period.minutes.map((minute) => minute.closedBy.network));
  return {
    rule: 'lost',
    severity: 'serious',
    title: `${plural(all, 'connection')} lost without a close frame`,
    detail:
      'The stream ended although neither side had closed it: a proxy, a load balancer or the network cut it.',
    where: NETWORK,
    period,
    link: hashOf('history', { by: 'network' }),
  };
};

const suspects: FindingRule = ({ minutes, snapshot }) => {
  const suspect = sum(snapshot.servers.map((server) => server.suspect));
  const open = suspect + sum(snapshot.servers.map((server) => server.alive));
  if (!isMany(suspect, open)) return undefined;
  const period = lastPeriod(minutes, (minute) => isMany(minute.suspect, minute.open));
  if (period === undefined) return undefined;
  return {
    rule: 'suspects',
    severity: 'warning',
    title: `${count(suspect)} of ${plural(open, 'client')} are silent`,
    detail:
      'They are suspect: a ping is not answered yet. They are evicted if nothing comes until their timeout.',
    where: NETWORK_OR_CLIENTS,
    period: { ...period, isNow: true },
    link: hashOf('clients', { state: 'suspect' }),
  };
};

/** The median of p95 over all minutes that have round trips. */
function usualP95(minutes: readonly DashboardMinute[]): number | undefined {
  const values = minutes.flatMap(({ rtt }) => (rtt === null ? [] : [rtt.p95]));
  if (values.length < BASELINE_MINUTES) return undefined;
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const slowRoundTrips: FindingRule = ({ minutes }) => {
  const usual = usualP95(minutes);
  if (usual === undefined) return undefined;
  const isSlow = ({ rtt }: DashboardMinute): boolean =>
    rtt !== null && rtt.p95 >= SLOW && rtt.p95 >= SLOWER * usual;
  const period = lastPeriod(minutes, isSlow);
  if (period === undefined) return undefined;
  const worst = Math.max(...period.minutes.map(({ rtt }) => rtt?.p95 ?? 0));
  const hasStalls = period.minutes.some((minute) => minute.stalls > 0);
  return {
    rule: 'slow-round-trips',
    severity: 'warning',
    title: `Round trips took up to ${duration(worst)} (p95), usually ${duration(usual)}`,
    detail: hasStalls
      ? 'The event loop stalled in the same minutes, so the process itself is the likely reason.'
      : 'The event loop did not stall in these minutes, so the reason is outside of this process.',
    where: hasStalls ? SERVER : NETWORK_OR_CLIENTS,
    period,
    link: hashOf('clients', { sort: 'rtt' }),
  };
};

const cutByProxy: FindingRule = ({ ages, minutes }: DashboardOverview) => {
  const ended = ages.counts[ages.upTo.indexOf(PROXY_BUCKET)] ?? 0;
  const all = sum(ages.counts);
  const first = minutes[0];
  const last = minutes.at(-1);
  if (ended < PROXY_COUNT || ended < PROXY_SHARE * all || !first || !last) return undefined;
  return {
    rule: 'cut-by-proxy',
    severity: 'warning',
    title: `${count(ended)} of ${plural(all, 'connection')} ended at an age of about 60 s`,
    detail: 'A limit of 60 s in a proxy or load balancer is the usual reason.',
    where: 'a proxy in between',
    period: { from: first.at, to: last.at, isNow: true },
  };
};

export const networkRules: readonly FindingRule[] = [lost, suspects, slowRoundTrips, cutByProxy];

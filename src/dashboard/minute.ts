import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import type { DashboardMinute } from './dashboard.interfaces.js';
import { percentile } from './percentile.js';

/** What happened between two readings of the counters. Without the first, since the start. */
export function minuteBetween(
  at: number,
  begin: HeartbeatSnapshot | undefined,
  end: HeartbeatSnapshot,
): DashboardMinute {
  const { totals, roundTrips, servers } = end;
  const before = begin?.totals;
  const samples = roundTrips.counts.map((count, i) => count - (begin?.roundTrips.counts[i] ?? 0));
  const suspect = servers.reduce((sum, server) => sum + server.suspect, 0);
  const others = servers.reduce((sum, { alive, evicted }) => sum + alive + evicted, 0);
  return Object.freeze({
    at,
    open: suspect + others,
    suspect,
    opened: totals.connected - (before?.connected ?? 0),
    closedBy: difference(totals.closedBy, before?.closedBy),
    evicted: difference(totals.evicted, before?.evicted),
    stalls: totals.stalls - (before?.stalls ?? 0),
    stalledFor: totals.stalledFor - (before?.stalledFor ?? 0),
    rtt: samples.some((count) => count > 0)
      ? {
          p50: percentile(roundTrips.upTo, samples, 0.5),
          p95: percentile(roundTrips.upTo, samples, 0.95),
        }
      : null,
  });
}

function difference<Key extends string>(
  counts: Readonly<Record<Key, number>>,
  before: Readonly<Record<Key, number>> | undefined,
): Readonly<Record<Key, number>> {
  const entries = Object.entries<number>(counts).map(([key, count]) => [
    key,
    count - (before?.[key as Key] ?? 0),
  ]);
  return Object.freeze(Object.fromEntries(entries) as Record<Key, number>);
}

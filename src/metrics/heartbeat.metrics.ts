import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import type { DurationMetric, Sample, SnapshotMetric } from './metric.interfaces.js';

/** The prefix of all metrics and, in OpenTelemetry, of their attributes. */
export const PREFIX = 'nestjs_heartbeat';

/** The metrics that are read from a snapshot. */
export const SNAPSHOT_METRICS: readonly SnapshotMetric[] = [
  {
    kind: 'count',
    name: `${PREFIX}.connection.active`,
    description: 'Open connections',
    unit: '{connection}',
    labels: ['server', 'state'],
    read: ({ servers }) =>
      servers.flatMap(({ name, alive, suspect, evicted }) =>
        Object.entries({ alive, suspect, evicted }).map(([state, value]) => ({
          value,
          labels: { server: name, state },
        })),
      ),
  },
  {
    kind: 'counter',
    name: `${PREFIX}.connection.opened`,
    description: 'Connections made',
    unit: '{connection}',
    labels: [],
    read: ({ totals }) => only(totals.connected),
  },
  {
    kind: 'counter',
    name: `${PREFIX}.evictions`,
    description: 'Connections that the module decided to close, or under dry run only reported',
    unit: '{eviction}',
    labels: ['cause', 'dry_run'],
    read: ({ totals }) => [
      ...evictions(totals.evicted, 'false'),
      ...evictions(totals.dryRun, 'true'),
    ],
  },
  {
    kind: 'counter',
    name: `${PREFIX}.stalls`,
    description: 'Stalls of the event loop',
    unit: '{stall}',
    labels: [],
    read: ({ totals }) => only(totals.stalls),
  },
  {
    kind: 'counter',
    name: `${PREFIX}.stall.time`,
    description: 'Total duration of the stalls of the event loop',
    unit: 's',
    labels: [],
    read: ({ totals }) => only(totals.stalledFor / 1_000),
  },
  {
    kind: 'counter',
    name: `${PREFIX}.pings`,
    description: 'Ping frames sent',
    unit: '{ping}',
    labels: [],
    read: ({ totals }) => only(totals.pings),
  },
  {
    kind: 'gauge',
    name: `${PREFIX}.draining`,
    description: 'Whether a drain has started: 1 or 0',
    labels: [],
    read: ({ draining }) => only(draining ? 1 : 0),
  },
];

/** How long connections were open. Its count is the number of closed connections. */
export const CONNECTION_DURATION: DurationMetric = {
  name: `${PREFIX}.connection.duration`,
  description: 'Time from the start to the end of a connection',
  unit: 's',
  labels: ['closed_by'],
  // Proxies close idle connections after 60 s by default, and some double it: such limits fall between two buckets.
  buckets: [1, 5, 15, 30, 55, 65, 120, 300, 900, 3_600, 14_400, 86_400],
};

/** Round trips of pings. */
export const ROUND_TRIP_DURATION: DurationMetric = {
  name: `${PREFIX}.round_trip.duration`,
  description: 'Time from a ping to its answer, without those during which the event loop stalled',
  unit: 's',
  labels: [],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
};

function only(value: number): Sample[] {
  return [{ value, labels: {} }];
}

function evictions(
  byCause: HeartbeatSnapshot['totals']['evicted'],
  dryRun: 'true' | 'false',
): Sample[] {
  return Object.entries(byCause).map(([cause, value]) => ({
    value,
    labels: { cause, dry_run: dryRun },
  }));
}

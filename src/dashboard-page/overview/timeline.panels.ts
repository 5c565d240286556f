import type { DashboardMinute } from '../../dashboard/dashboard.interfaces.js';
import { causeNames, CAUSES, CLOSED_BY, closedByNames, count, duration, sum } from '../wording.js';

/** One kind of event in a chart. */
export interface Series {
  readonly name: string;
  /** The custom property of its colour. */
  readonly color: string;
  readonly valueOf: (minute: DashboardMinute) => number | null;
}

/** A chart of the time line. All charts have the same time axis. */
export interface Panel {
  readonly key: string;
  readonly title: string;
  readonly height: number;
  readonly kind: 'bars' | 'lines';
  /** Series above the axis. Bars are stacked. */
  readonly up: readonly Series[];
  /** Series below it. */
  readonly down: readonly Series[];
  /** The least height of the axis. */
  readonly least: number;
  readonly format: (value: number) => string;
  /** One figure of a series for the whole hour. */
  readonly total: (minutes: readonly DashboardMinute[], series: Series) => number | null;
}

const counted = {
  kind: 'bars',
  least: 4,
  format: count,
  total: (minutes, series) => sum(minutes.map((minute) => series.valueOf(minute) ?? 0)),
} as const satisfies Partial<Panel>;

/** The charts, from top to bottom. */
export const PANELS: readonly Panel[] = [
  {
    ...counted,
    key: 'connections',
    title: 'Opened and closed, per minute',
    height: 150,
    up: [{ name: 'opened', color: '--opened', valueOf: ({ opened }) => opened }],
    down: closedByNames.map((by) => ({
      name: `closed by ${CLOSED_BY[by]}`,
      color: `--by-${by}`,
      valueOf: ({ closedBy }) => closedBy[by],
    })),
  },
  {
    ...counted,
    key: 'evictions',
    title: 'Evictions by cause, per minute',
    height: 100,
    up: causeNames.map((cause) => ({
      name: CAUSES[cause],
      color: `--cause-${cause}`,
      valueOf: ({ evicted }) => evicted[cause],
    })),
    down: [],
  },
  {
    ...counted,
    key: 'stalls',
    title: 'Stalls of the event loop, time per minute',
    height: 70,
    least: 100,
    format: duration,
    up: [{ name: 'stalled', color: '--stall', valueOf: ({ stalledFor }) => stalledFor }],
    down: [],
  },
  {
    key: 'round-trips',
    title: 'Round trips',
    height: 110,
    kind: 'lines',
    least: 10,
    format: duration,
    up: [
      { name: 'p95', color: '--p95', valueOf: ({ rtt }) => rtt?.p95 ?? null },
      { name: 'p50', color: '--p50', valueOf: ({ rtt }) => rtt?.p50 ?? null },
    ],
    down: [],
    total: newest,
  },
];

/** Percentiles of minutes cannot be added up: the newest one counts. */
function newest(minutes: readonly DashboardMinute[], series: Series): number | null {
  const last = minutes.findLast((minute) => series.valueOf(minute) !== null);
  return last === undefined ? null : series.valueOf(last);
}

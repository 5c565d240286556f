import type { AlignedData } from 'uplot';
import type { DashboardMinute } from '../../dashboard/dashboard.interfaces.js';
import type { Panel, Series } from './timeline.panels.js';

const MINUTE = 60;

/** The series of a chart in the order in which they are painted. */
export function paintedSeries({ kind, up, down }: Panel): Series[] {
  // The tops of stacks first: the bars below them are painted over them.
  return kind === 'bars' ? [...up.toReversed(), ...down.toReversed()] : [...up];
}

/** The middle of each minute in s, then the values of `paintedSeries()`. Those of bars are stacked. */
export function chartData(panel: Panel, minutes: readonly DashboardMinute[]): AlignedData {
  const times = minutes.map(({ at }) => at / 1_000 + MINUTE / 2);
  if (panel.kind === 'lines')
    return [times, ...panel.up.map((series) => minutes.map((minute) => series.valueOf(minute)))];
  return [times, ...stack(panel.up, minutes, 1), ...stack(panel.down, minutes, -1)];
}

function stack(
  all: readonly Series[],
  minutes: readonly DashboardMinute[],
  sign: 1 | -1,
): number[][] {
  const heights = minutes.map(() => 0);
  const stacked = all.map((series) =>
    minutes.map((minute, index) => {
      const height = (heights[index] ?? 0) + sign * (series.valueOf(minute) ?? 0);
      heights[index] = height;
      return height;
    }),
  );
  return stacked.toReversed();
}

/** The limits of the value axis. */
export function valueRange(
  { up, down, least }: Panel,
  low: number | null,
  high: number | null,
): [number, number] {
  const top = up.length === 0 ? 0 : Math.max(least, (high ?? 0) * 1.08);
  return [down.length === 0 ? 0 : Math.min(-least, (low ?? 0) * 1.08), top];
}

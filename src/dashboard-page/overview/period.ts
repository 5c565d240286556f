import type { DashboardMinute } from '../../dashboard/dashboard.interfaces.js';

/** Minutes without an event that do not yet end a period. */
const GAP = 3;

/** Minutes that belong together because the same was seen in them. */
export interface Period {
  /** Begin of its first minute, epoch ms. */
  readonly from: number;
  /** Begin of its last minute, epoch ms. */
  readonly to: number;
  /** Whether it reaches into the last minutes. */
  readonly isNow: boolean;
  readonly minutes: readonly DashboardMinute[];
}

/** The newest period of minutes in which something was seen. The minutes are in order, the newest last. */
export function lastPeriod(
  minutes: readonly DashboardMinute[],
  isSeen: (minute: DashboardMinute) => boolean,
): Period | undefined {
  const end = minutes.findLastIndex(isSeen);
  const last = minutes[end];
  if (last === undefined) return undefined;
  let begin = end;
  for (let index = end; index >= 0 && begin - index <= GAP; index--) {
    const minute = minutes[index];
    if (minute !== undefined && isSeen(minute)) begin = index;
  }
  const first = minutes[begin] ?? last;
  return {
    from: first.at,
    to: last.at,
    isNow: minutes.length - 1 - end <= GAP,
    minutes: minutes.slice(begin, end + 1),
  };
}

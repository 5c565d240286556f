import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { DashboardMinute } from '../../dashboard/dashboard.interfaces.js';
import { chartData } from './chart.data.js';
import { chartOptions, heightOf } from './chart.options.js';
import type { Panel } from './timeline.panels.js';

interface Props {
  readonly panel: Panel;
  readonly minutes: readonly DashboardMinute[];
  /** The width of the time line, px. */
  readonly width: number;
  readonly hasTimeAxis: boolean;
  /** Changes with the colours. */
  readonly scheme: string;
  /** The minute at the cursor. */
  readonly index: number | null;
  readonly onCursor: (index: number | null) => void;
}

/** One chart, painted by uPlot. Its figures are also in the table of the time line. */
export function Chart(props: Props): JSX.Element {
  const { panel, minutes, width, hasTimeAxis, scheme, index } = props;
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const parent = container.current;
    if (parent === null) return;
    const created = new uPlot(
      chartOptions(panel, {
        width: parent.clientWidth,
        hasTimeAxis,
        style: getComputedStyle(parent),
        stalledMinutes: () =>
          latest.current.minutes.flatMap(({ at, stalls }) => (stalls > 0 ? [at / 1_000] : [])),
        onCursor: (index) => latest.current.onCursor(index),
      }),
      chartData(panel, latest.current.minutes),
      parent,
    );
    plot.current = created;
    return () => created.destroy();
  }, [panel, hasTimeAxis, scheme]);

  useEffect(() => plot.current?.setData(chartData(panel, minutes)), [panel, minutes]);
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height: heightOf(panel, hasTimeAxis) });
  }, [panel, width, hasTimeAxis]);
  useEffect(() => moveCursor(plot.current, index), [index]);
  return <div class="chart" ref={container} aria-hidden="true" />;
}

/** Shows the cursor at a minute that was chosen by other means than a pointer over this chart. */
function moveCursor(plot: uPlot | undefined, index: number | null): void {
  if (plot === undefined || (plot.cursor.idx ?? null) === index) return;
  const time = index === null ? undefined : plot.data[0][index];
  const left = time === undefined ? -10 : plot.valToPos(time, 'x');
  plot.setCursor({ left, top: time === undefined ? -10 : 1 }, false);
}

import uPlot from 'uplot';
import { minuteOfDay } from '../wording.js';
import { paintedSeries, valueRange } from './chart.data.js';
import type { Panel } from './timeline.panels.js';

/** The width of the value axis, px: the same for all charts, so that their time axes are in line. */
export const VALUE_AXIS = 56;
/** The height of the time axis, px, which only the last chart has. */
const TIME_AXIS = 26;
const RIGHT = 10;
const FONT = '12px system-ui';
const HALF_MINUTE = 30;

/** What a chart takes from the page. */
export interface ChartPlace {
  readonly width: number;
  readonly hasTimeAxis: boolean;
  /** The style of the page, for colours. */
  readonly style: CSSStyleDeclaration;
  /** The begins of the minutes in which the event loop stalled, s. */
  readonly stalledMinutes: () => readonly number[];
  readonly onCursor: (index: number | null) => void;
}

export function heightOf(panel: Panel, hasTimeAxis: boolean): number {
  return panel.height + (hasTimeAxis ? TIME_AXIS : 0);
}

export function chartOptions(panel: Panel, place: ChartPlace): uPlot.Options {
  const color = (name: string): string => place.style.getPropertyValue(name).trim();
  return {
    width: place.width,
    height: heightOf(panel, place.hasTimeAxis),
    padding: [6, RIGHT, place.hasTimeAxis ? 0 : 6, 0],
    legend: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { show: panel.kind === 'lines' },
      sync: { key: 'minutes' },
    },
    scales: {
      x: { time: false, range: (_, from, to) => [from - HALF_MINUTE, to + HALF_MINUTE] },
      y: { range: (_, low, high) => valueRange(panel, low, high) },
    },
    axes: [timeAxis(place, color), valueAxis(panel, color)],
    series: [{}, ...paintedSeries(panel).map((series) => paint(panel, color(series.color)))],
    hooks: {
      drawClear: [(plot) => markStalls(plot, place.stalledMinutes(), color('--stall-mark'))],
      setCursor: [(plot) => place.onCursor(plot.cursor.idx ?? null)],
    },
  };
}

function timeAxis({ hasTimeAxis }: ChartPlace, color: (name: string) => string): uPlot.Axis {
  return {
    show: hasTimeAxis,
    size: TIME_AXIS,
    font: FONT,
    stroke: color('--soft'),
    grid: { show: false },
    ticks: { stroke: color('--line'), size: 4, width: 1 },
    incrs: [300, 600, 900, 1_200, 1_800],
    space: 56,
    values: (_, times) => times.map((time) => minuteOfDay(time * 1_000)),
  };
}

function valueAxis(panel: Panel, color: (name: string) => string): uPlot.Axis {
  return {
    size: VALUE_AXIS,
    font: FONT,
    stroke: color('--soft'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    space: 28,
    incrs: [1, 2, 5]
      .flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power))
      .toSorted((a, b) => a - b),
    values: (_, values) => values.map((value) => panel.format(Math.abs(value))),
  };
}

function paint(panel: Panel, color: string): uPlot.Series {
  if (panel.kind === 'lines') return { stroke: color, width: 2, points: { size: 5, fill: color } };
  const paths = uPlot.paths.bars?.({ size: [0.8, 40], gap: 1 });
  return { fill: color, width: 0, points: { show: false }, ...(paths && { paths }) };
}

/** A stripe over each minute with a stall in every chart: what it had as a consequence is in the same stripe. */
function markStalls(plot: uPlot, begins: readonly number[], color: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color;
  for (const begin of begins) {
    const left = plot.valToPos(begin, 'x', true);
    ctx.fillRect(
      left,
      bbox.top,
      plot.valToPos(begin + 2 * HALF_MINUTE, 'x', true) - left,
      bbox.height,
    );
  }
  ctx.restore();
}

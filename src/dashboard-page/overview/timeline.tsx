import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DashboardMinute } from '../../dashboard/dashboard.interfaces.js';
import { minuteOfDay } from '../wording.js';
import { Chart } from './chart.js';
import { MinutesTable } from './minutes.table.js';
import { PANELS, type Panel, type Series } from './timeline.panels.js';

/** The last hour, minute by minute: charts that share a time axis, a cursor, and the stripes of stalls. */
export function Timeline({ minutes }: { minutes: readonly DashboardMinute[] }): JSX.Element {
  const [index, setIndex] = useState<number | null>(null);
  const container = useRef<HTMLDivElement>(null);
  const width = useWidth(container);
  const scheme = useScheme();
  const chosen = index === null ? undefined : minutes[index];
  return (
    <section class="panel timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">
        {chosen === undefined ? 'Last hour' : `Minute ${minuteOfDay(chosen.at)}`}{' '}
        <span class="soft">times are UTC; a stripe marks a minute with a stall</span>
      </h2>
      <div ref={container}>
        {PANELS.map((panel, position) => (
          <div key={panel.key} data-panel={panel.key}>
            <Legend panel={panel} minutes={minutes} chosen={chosen} />
            <Chart
              panel={panel}
              minutes={minutes}
              width={width}
              hasTimeAxis={position === PANELS.length - 1}
              scheme={scheme}
              index={index}
              onCursor={setIndex}
            />
          </div>
        ))}
      </div>
      <MinuteSlider minutes={minutes} index={index} onIndex={setIndex} />
      <MinutesTable minutes={minutes} />
    </section>
  );
}

interface LegendProps {
  readonly panel: Panel;
  readonly minutes: readonly DashboardMinute[];
  readonly chosen: DashboardMinute | undefined;
}

/** What a chart shows, with the figures of the chosen minute or of the hour. */
function Legend({ panel, minutes, chosen }: LegendProps): JSX.Element {
  const valueOf = (series: Series): number | null =>
    chosen === undefined ? panel.total(minutes, series) : series.valueOf(chosen);
  return (
    <div class="chart-legend">
      <h3>{panel.title}</h3>
      <ul>
        {[...panel.up, ...panel.down].map((series) => {
          const value = valueOf(series);
          return (
            <li key={series.name} class={value === 0 || value === null ? 'zero' : undefined}>
              <span class="swatch" style={{ backgroundColor: `var(${series.color})` }} />
              {series.name} <b>{value === null ? '–' : panel.format(value)}</b>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface SliderProps {
  readonly minutes: readonly DashboardMinute[];
  readonly index: number | null;
  readonly onIndex: (index: number | null) => void;
}

/** Chooses a minute by keyboard and touch, as the pointer does over a chart. */
function MinuteSlider({ minutes, index, onIndex }: SliderProps): JSX.Element {
  const shown = index ?? minutes.length - 1;
  return (
    <input
      class="minute"
      type="range"
      aria-label="Minute whose figures are shown"
      aria-valuetext={index === null ? 'the last hour' : minuteOfDay(minutes[shown]?.at ?? 0)}
      min={0}
      max={minutes.length - 1}
      value={shown}
      onInput={({ currentTarget }) => onIndex(Number(currentTarget.value))}
      onBlur={() => onIndex(null)}
    />
  );
}

function useWidth(container: { readonly current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [container]);
  return width;
}

function useScheme(): string {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(dark.matches);
  useEffect(() => {
    const onChange = (): void => setDark(dark.matches);
    dark.addEventListener('change', onChange);
    return () => dark.removeEventListener('change', onChange);
  }, []);
  return isDark ? 'dark' : 'light';
}

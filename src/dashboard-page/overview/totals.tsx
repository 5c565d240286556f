import type { JSX } from 'preact';
import type { DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import { count, duration, sum } from '../wording.js';

/** The figures of now and of the last hour. */
export function Totals({
  overview: { snapshot, minutes },
}: {
  overview: DashboardOverview;
}): JSX.Element {
  const { servers, loopDelay } = snapshot;
  const alive = sum(servers.map((server) => server.alive));
  const suspect = sum(servers.map((server) => server.suspect));
  const evicted = sum(servers.map((server) => server.evicted));
  const closed = sum(minutes.flatMap(({ closedBy }) => Object.values(closedBy)));
  const stalledFor = sum(minutes.map((minute) => minute.stalledFor));
  const rtt = minutes.findLast((minute) => minute.rtt !== null)?.rtt;
  return (
    <dl class="totals">
      <Figure term="Open now" value={count(alive + suspect + evicted)} />
      <Figure term="Alive" value={count(alive)} state="alive" />
      <Figure term="Suspect" value={count(suspect)} state="suspect" isZero={suspect === 0} />
      <Figure term="Closing" value={count(evicted)} state="evicted" isZero={evicted === 0} />
      <Figure term="Opened, last hour" value={count(sum(minutes.map(({ opened }) => opened)))} />
      <Figure term="Closed, last hour" value={count(closed)} />
      <Figure
        term="Round trip p50 / p95"
        value={rtt ? `${duration(rtt.p50)} / ${duration(rtt.p95)}` : '–'}
      />
      <Figure term="Stalled, last hour" value={duration(stalledFor)} isZero={stalledFor === 0} />
      <Figure term="Loop delay" value={duration(loopDelay)} />
    </dl>
  );
}

interface FigureProps {
  readonly term: string;
  readonly value: string;
  readonly state?: 'alive' | 'suspect' | 'evicted';
  readonly isZero?: boolean;
}

function Figure({ term, value, state, isZero = false }: FigureProps): JSX.Element {
  return (
    <div data-client-state={state} class={isZero ? 'zero' : undefined}>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type {
  DashboardClosedConnection,
  DashboardOverview,
  DashboardTable,
} from '../../dashboard/dashboard.interfaces.js';
import { filtersOf, GatewayField, LimitField, SearchField, SelectField } from '../filter.fields.js';
import { Identity } from '../identity.js';
import type { PageModel } from '../page.model.js';
import type { Filters } from '../route.js';
import { RowCounts } from '../row-counts.js';
import { CAUSES, CLOSED_BY, dateAndTime, duration, timeOfDay } from '../wording.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Props {
  readonly model: PageModel;
  readonly filters: Filters;
  readonly table?: DashboardTable<DashboardClosedConnection>;
  readonly overview?: DashboardOverview;
}

/** Who was disconnected, and why. */
export function HistoryView({ model, filters, table, overview }: Props): JSX.Element {
  const filter = filtersOf(model, filters);
  return (
    <section data-view="history" aria-labelledby="history-title">
      <h2 id="history-title" class="hidden">
        History
      </h2>
      <div class="filters" role="search">
        <SearchField label="Search" hint="label, id or reason" {...filter('q')} />
        <SelectField label="Closed by" all="all" options={CLOSED_BY} {...filter('by')} />
        <SelectField label="Cause" all="all" options={CAUSES} {...filter('cause')} />
        <GatewayField {...filter('gateway')} {...(overview && { overview })} />
        <LimitField {...filter('limit')} />
      </div>
      {table !== undefined && (
        <RowCounts table={table} what="closed connections" order="the newest first" />
      )}
      {table !== undefined && <Rows table={table} />}
    </section>
  );
}

function Rows({
  table: { rows, at },
}: {
  table: DashboardTable<DashboardClosedConnection>;
}): JSX.Element {
  if (rows.length === 0) return <p class="empty">No closed connection matches.</p>;
  return (
    <div class="scroll">
      <table class="rows history">
        <thead>
          <tr>
            <th scope="col">Closed, UTC</th>
            <th scope="col">Client</th>
            <th scope="col">Closed by</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((closed) => (
            <HistoryRow key={closed.id} closed={closed} ago={ago(at - closed.closedAt)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `12 s ago`, and after a minute whole minutes. */
function ago(ms: number): string {
  const unit = ms < MINUTE ? SECOND : MINUTE;
  return `${duration(Math.max(0, Math.floor(ms / unit) * unit))} ago`;
}

interface RowProps {
  readonly closed: DashboardClosedConnection;
  readonly ago: string;
}

function HistoryRow({ closed, ago }: RowProps): JSX.Element {
  // What has closed does not change.
  return useMemo(() => rowOf({ closed, ago }), [closed.id, ago]);
}

function rowOf({ closed, ago }: RowProps): JSX.Element {
  const { id, by, cause, closedAt, why } = closed;
  return (
    <tr data-id={id} data-by={by} data-cause={cause}>
      <td data-title="Closed" class="time">
        <time dateTime={new Date(closedAt).toISOString()} title={dateAndTime(closedAt)}>
          {timeOfDay(closedAt)}
        </time>{' '}
        <span class="soft">{ago}</span>
      </td>
      <th scope="row">
        <Identity {...closed} />
      </th>
      <td data-title="Closed by">
        <span class="by">{CLOSED_BY[by]}</span>
        {cause !== undefined && <span class="cause">{CAUSES[cause]}</span>}
      </td>
      <td class="why">{why}</td>
    </tr>
  );
}

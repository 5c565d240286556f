import type { JSX } from 'preact';
import type { DashboardTable } from '../dashboard/dashboard.interfaces.js';
import { count } from './wording.js';

interface Props {
  readonly table: DashboardTable<unknown>;
  /** What the rows are. */
  readonly what: string;
  readonly order: string;
}

/** How many rows of how many are shown. */
export function RowCounts({ table: { rows, matched, total }, what, order }: Props): JSX.Element {
  const isAll = matched === total;
  return (
    <p class="counts">
      {rows.length < matched ? (
        <>
          <b>{count(rows.length)}</b> of <b>{count(matched)}</b> {isAll ? what : 'that match'},{' '}
          {order}
        </>
      ) : (
        <>
          <b>{count(matched)}</b> {isAll ? what : 'that match'}, {order}
        </>
      )}
      {!isAll && ` · ${count(total)} ${what} in all`}
    </p>
  );
}

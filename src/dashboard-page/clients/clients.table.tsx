import type { JSX } from 'preact';
import type { DashboardClient } from '../../dashboard/dashboard.interfaces.js';
import type { Filters } from '../route.js';
import type { ClientActions } from './client.actions.js';
import { ClientRow } from './client.row.js';
import { nextOrder, SORTS, type ClientSort, type SortOrder } from './clients.sort.js';

interface Props {
  readonly rows: readonly DashboardClient[];
  readonly order: SortOrder;
  readonly actions: ClientActions;
  readonly hasActions: boolean;
  readonly onSort: (filters: Filters) => void;
  readonly onDisconnect: (client: DashboardClient) => void;
}

/** The rows, and columns that sort. */
export function ClientsTable({
  rows,
  order,
  actions,
  hasActions,
  onSort,
  onDisconnect,
}: Props): JSX.Element {
  if (rows.length === 0) return <p class="empty">No client matches.</p>;
  return (
    <div class="scroll">
      <table class="rows clients">
        <thead>
          <tr>
            <th scope="col">Client</th>
            <th scope="col">State</th>
            {(Object.keys(SORTS) as ClientSort[]).map((sort) => (
              <SortColumn key={sort} sort={sort} order={order} onSort={onSort} />
            ))}
            {hasActions && (
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((client) => {
            const result = actions.results.get(client.id);
            return (
              <ClientRow
                key={client.id}
                client={client}
                hasActions={hasActions}
                onProbe={actions.probe}
                onDisconnect={onDisconnect}
                {...(result && { result })}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface ColumnProps extends Pick<Props, 'order' | 'onSort'> {
  readonly sort: ClientSort;
}

function SortColumn({ sort, order, onSort }: ColumnProps): JSX.Element {
  const isSorted = order.sort === sort;
  const direction = order.order === 'desc' ? 'descending' : 'ascending';
  return (
    <th scope="col" class="number" aria-sort={isSorted ? direction : 'none'}>
      <button type="button" data-sort={sort} onClick={() => onSort(nextOrder(order, sort))}>
        {SORTS[sort].title}
        <span aria-hidden="true">{isSorted ? (order.order === 'desc' ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

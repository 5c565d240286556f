import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type {
  DashboardClient,
  DashboardOverview,
  DashboardTable,
} from '../../dashboard/dashboard.interfaces.js';
import { filtersOf, GatewayField, LimitField, SearchField, SelectField } from '../filter.fields.js';
import type { PageModel } from '../page.model.js';
import type { Filters } from '../route.js';
import { RowCounts } from '../row-counts.js';
import { useKeptFocus } from '../use-kept-focus.js';
import { STATES } from '../wording.js';
import { Result } from './client.row.js';
import { useClientActions } from './client.actions.js';
import { ClientsTable } from './clients.table.js';
import { SORTS, sortOf, type ClientSort } from './clients.sort.js';
import { DisconnectDialog } from './disconnect.dialog.js';

interface Props {
  readonly model: PageModel;
  readonly filters: Filters;
  readonly table?: DashboardTable<DashboardClient>;
  readonly overview?: DashboardOverview;
}

/** The open connections: filtered, sorted and limited by the server. */
export function ClientsView({ model, filters, table, overview }: Props): JSX.Element {
  const actions = useClientActions(model.server, () => model.pollNow());
  const [leaving, setLeaving] = useState<DashboardClient>();
  const order = sortOf(filters);
  useKeptFocus(table);
  return (
    <section data-view="clients" aria-labelledby="clients-title">
      <h2 id="clients-title" class="hidden">
        Clients
      </h2>
      <ClientFilters model={model} filters={filters} {...(overview && { overview })} />
      <div class="table-head">
        {table !== undefined && (
          <RowCounts table={table} what="clients" order={SORTS[order.sort][order.order]} />
        )}
        {/* A live region. It keeps the result of an action on a client whose row is gone. */}
        <p class="newest" role="status">
          {actions.newest !== undefined && (
            <>
              <code>{actions.newest.id}</code> <Result result={actions.newest} />
            </>
          )}
        </p>
      </div>
      {table !== undefined && (
        <ClientsTable
          rows={table.rows}
          order={order}
          actions={actions}
          hasActions={overview?.actions ?? false}
          onSort={(next) => model.filter(next)}
          onDisconnect={setLeaving}
        />
      )}
      {leaving !== undefined && (
        <DisconnectDialog
          client={leaving}
          onConfirm={(reason) => actions.disconnect(leaving.id, reason)}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </section>
  );
}

function ClientFilters({ model, filters, overview }: Omit<Props, 'table'>): JSX.Element {
  const filter = filtersOf(model, filters);
  const sorts = Object.entries(SORTS).map(([sort, { desc }]) => [sort, desc]);
  return (
    <div class="filters" role="search">
      <SearchField label="Search" hint="id or label" {...filter('q')} />
      <SelectField label="State" all="all" options={STATES} {...filter('state')} />
      <GatewayField {...filter('gateway')} {...(overview && { overview })} />
      <SelectField
        label="Order"
        name="sort"
        options={Object.fromEntries(sorts) as Record<ClientSort, string>}
        value={sortOf(filters).sort}
        onValue={(sort) => model.filter({ sort, order: '' })}
      />
      <LimitField {...filter('limit')} />
    </div>
  );
}

import { useEffect, useMemo, useReducer } from 'preact/hooks';
import type { JSX } from 'preact';
import { ClientsView } from './clients/clients.view.js';
import type { DashboardServer } from './dashboard.server.js';
import { Freshness, isStale } from './freshness.js';
import { HistoryView } from './history/history.view.js';
import { InstancesNotice } from './instances.notice.js';
import { OverviewView } from './overview/overview.view.js';
import { PageModel, type PageState } from './page.model.js';
import { hashOf, type ViewName } from './route.js';
import { useNow } from './use-now.js';
import { duration } from './wording.js';

const VIEWS: Record<ViewName, string> = {
  overview: 'Overview',
  clients: 'Clients',
  history: 'History',
};

/** The whole page. */
export function App({ server }: { server: DashboardServer }): JSX.Element {
  const [, redraw] = useReducer<number, void>((version) => version + 1, 0);
  const model = useMemo(() => new PageModel(server, () => redraw()), [server]);
  useEffect(() => {
    model.start();
    return () => model.stop();
  }, [model]);
  const { state } = model;
  const now = useNow();
  const stale = isStale(state, now);
  // The same element until the state changes: the clock renders nothing but the age.
  const view = useMemo(() => <View model={model} stale={stale} />, [model, state, stale]);
  return (
    <>
      <Header state={state} />
      <main data-state={stale ? 'stale' : 'live'} aria-busy={state.receivedAt === undefined}>
        <Freshness state={state} now={now} onPause={(paused) => model.setPaused(paused)} />
        <InstancesNotice instances={state.instances} />
        {view}
      </main>
    </>
  );
}

function Header({ state }: { state: PageState }): JSX.Element {
  const { route, overview } = state;
  const instance = state.instances.at(-1);
  return (
    <header class="top">
      <h1>Heartbeat</h1>
      <p class="instance">
        <strong title="The instance of the application that answers">{instance}</strong>{' '}
        {overview !== undefined && overview.instance.id === instance && (
          <span>
            up {duration(overview.at - overview.instance.startedAt)} · {overview.version}
          </span>
        )}
      </p>
      <nav aria-label="Views">
        {Object.entries(VIEWS).map(([view, title]) => (
          <a
            key={view}
            href={hashOf(view as ViewName)}
            aria-current={route.view === view ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
    </header>
  );
}

function View({ model, stale }: { model: PageModel; stale: boolean }): JSX.Element {
  const { route, overview, clients, history, failure } = model.state;
  const waiting = <p class="waiting">{failure === undefined ? 'Loading …' : ''}</p>;
  switch (route.view) {
    case 'overview':
      return overview === undefined ? (
        waiting
      ) : (
        <OverviewView key={overview.instance.id} overview={overview} stale={stale} />
      );
    case 'clients':
      return (
        <ClientsView
          model={model}
          filters={route.filters}
          {...(clients && { table: clients })}
          {...(overview && { overview })}
        />
      );
    case 'history':
      return (
        <HistoryView
          model={model}
          filters={route.filters}
          {...(history && { table: history })}
          {...(overview && { overview })}
        />
      );
  }
}

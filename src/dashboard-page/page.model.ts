import type {
  DashboardClient,
  DashboardClosedConnection,
  DashboardOverview,
  DashboardTable,
} from '../dashboard/dashboard.interfaces.js';
import type { DashboardServer } from './dashboard.server.js';
import { Poller } from './poller.js';
import { hashOf, parseHash, queryOf, type Filters, type Route } from './route.js';

/** How often the tables read the overview, ms, which has the gateways and whether there are actions. */
const OVERVIEW_INTERVAL = 30_000;

/** What the page shows. */
export interface PageState {
  readonly route: Route;
  readonly overview?: DashboardOverview;
  readonly clients?: DashboardTable<DashboardClient>;
  readonly history?: DashboardTable<DashboardClosedConnection>;
  /** When the data of the view came, on the clock of `performance.now()`; undefined before the first. */
  readonly receivedAt?: number;
  /** Why the last poll failed; absent if it did not. */
  readonly failure?: string;
  readonly paused: boolean;
  /** The instances that answered so far, the last one at the end. */
  readonly instances: readonly string[];
}

/** Polls for the view that is shown, and holds what came. */
export class PageModel {
  state: PageState = { route: parseHash(location.hash), paused: false, instances: [] };
  private readonly poller = new Poller((signal) => this.poll(signal));
  private overviewAt = -Infinity;

  constructor(
    readonly server: DashboardServer,
    private readonly onChange: () => void,
  ) {}

  start(): void {
    addEventListener('hashchange', this.onHash);
    this.poller.start();
  }

  stop(): void {
    removeEventListener('hashchange', this.onHash);
    this.poller.stop();
  }

  /** Changes filters of the view, and polls with them. */
  filter(filters: Filters): void {
    const { view, filters: current } = this.state.route;
    history.replaceState(null, '', hashOf(view, { ...current, ...filters }));
    this.onHash();
  }

  setPaused(paused: boolean): void {
    this.change({ paused });
    if (paused) this.poller.pause();
    else this.poller.resume();
  }

  pollNow(): void {
    this.poller.now();
  }

  private readonly onHash = (): void => {
    const route = parseHash(location.hash);
    const { receivedAt: _, failure: __, ...state } = this.state;
    // Rows of the view before are not those of this one.
    this.state = route.view === this.state.route.view ? this.state : state;
    this.change({ route });
    this.poller.now();
  };

  private async poll(signal: AbortSignal): Promise<void> {
    const { route } = this.state;
    try {
      if (route.view === 'overview' || performance.now() - this.overviewAt > OVERVIEW_INTERVAL) {
        const { data } = await this.server.overview(signal);
        this.overviewAt = performance.now();
        this.keep({ overview: data });
        this.receiveInstance(data.instance.id);
      }
      if (route.view !== 'overview') await this.pollTable(route, signal);
      const { failure: _, ...state } = this.state;
      this.state = state;
      this.change({ receivedAt: performance.now() });
    } catch (error) {
      if (!signal.aborted) this.change({ failure: describe(error) });
    }
  }

  private async pollTable({ view, filters }: Route, signal: AbortSignal): Promise<void> {
    const query = queryOf(filters);
    if (view === 'clients') {
      const { data, instance } = await this.server.clients(query, signal);
      this.keep({ clients: data });
      this.receiveInstance(instance);
    } else {
      const { data, instance } = await this.server.history(query, signal);
      this.keep({ history: data });
      this.receiveInstance(instance);
    }
  }

  private receiveInstance(id: string | null): void {
    if (id === null) return;
    const others = this.state.instances.filter((instance) => instance !== id);
    this.keep({ instances: [...others, id] });
    // The overview is of another instance: the next poll reads it again.
    if (this.state.overview?.instance.id !== id) this.overviewAt = -Infinity;
  }

  private keep(change: Partial<PageState>): void {
    this.state = { ...this.state, ...change };
  }

  private change(change: Partial<PageState>): void {
    this.keep(change);
    this.onChange();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'The poll failed';
  if (error.name === 'TimeoutError') return 'The server did not answer in time';
  return error instanceof TypeError ? 'The server cannot be reached' : error.message;
}

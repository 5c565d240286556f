/** The views of the page. */
export type ViewName = 'overview' | 'clients' | 'history';

/** The view and its filters, as in the hash of the address. */
export interface Route {
  readonly view: ViewName;
  readonly filters: Filters;
}

export type Filters = Readonly<Record<string, string>>;

/** The filters of each view, which are the names of the query of its route. */
const FILTERS: Record<ViewName, readonly string[]> = {
  overview: [],
  clients: ['gateway', 'state', 'q', 'sort', 'order', 'limit'],
  history: ['gateway', 'cause', 'by', 'q', 'limit'],
};

/** `#clients?state=suspect&sort=rtt`. A hash that names no view is the overview. */
export function parseHash(hash: string): Route {
  const [name = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const view: ViewName = name === 'clients' || name === 'history' ? name : 'overview';
  const given = new URLSearchParams(query);
  const filters: Record<string, string> = {};
  for (const filter of FILTERS[view]) {
    const value = given.get(filter);
    if (value !== null && value !== '') filters[filter] = value;
  }
  return { view, filters };
}

/** The hash of a view. Empty filters are left out. */
export function hashOf(view: ViewName, filters: Filters = {}): string {
  const query = queryOf(filters);
  return `#${view}${query === '' ? '' : `?${query}`}`;
}

export function queryOf(filters: Filters): string {
  const set = Object.entries(filters).filter(([, value]) => value !== '');
  return new URLSearchParams(set).toString();
}

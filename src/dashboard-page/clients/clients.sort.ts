import type { DashboardClient } from '../../dashboard/dashboard.interfaces.js';
import type { Filters } from '../route.js';

/** What the server can sort by. */
export type ClientSort = 'silence' | 'rtt' | 'bufferedBytes' | 'age';

/** The columns of the sort keys, and what is first in each order. */
export const SORTS: Record<ClientSort, { title: string; desc: string; asc: string }> = {
  silence: { title: 'Silence', desc: 'the most silent first', asc: 'the least silent first' },
  rtt: { title: 'Round trip', desc: 'the slowest first', asc: 'the fastest first' },
  bufferedBytes: {
    title: 'Backlog',
    desc: 'the largest backlog first',
    asc: 'the smallest backlog first',
  },
  age: { title: 'Age', desc: 'the oldest first', asc: 'the newest first' },
};

export interface SortOrder {
  readonly sort: ClientSort;
  readonly order: 'desc' | 'asc';
}

export function sortOf({ sort = 'silence', order }: Filters): SortOrder {
  return {
    sort: Object.hasOwn(SORTS, sort) ? (sort as ClientSort) : 'silence',
    order: order === 'asc' ? 'asc' : 'desc',
  };
}

/** What a click on a column asks for: its largest values first, then the other way. */
export function nextOrder(current: SortOrder, sort: ClientSort): Filters {
  const order = current.sort === sort && current.order === 'desc' ? 'asc' : 'desc';
  return { sort, order: order === 'asc' ? 'asc' : '' };
}

/** The share of the timeout that has passed without a sign of life, 0 to 1. */
export function silenceShare({ silence, timeout }: DashboardClient): number {
  return timeout > 0 ? Math.min(1, silence / timeout) : 0;
}

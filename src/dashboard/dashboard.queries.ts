import type { ClosedBy } from '../heartbeat.history.interfaces.js';
import type { EvictionCause, LivenessState } from '../heartbeat.interfaces.js';
import { show, showKey } from '../heartbeat.text.js';
import { invalidRequest } from './dashboard.errors.js';

/** What the clients can be sorted by. */
export type ClientSort = 'silence' | 'rtt' | 'bufferedBytes' | 'age';

/** The query of `data/clients`. */
export interface ClientsQuery {
  readonly gateway?: string;
  readonly state?: LivenessState;
  readonly q?: string;
  readonly sort: ClientSort;
  readonly order: 'desc' | 'asc';
  readonly limit: number;
}

/** The query of `data/history`. */
export interface HistoryQuery {
  readonly gateway?: string;
  readonly cause?: EvictionCause;
  readonly by?: ClosedBy;
  readonly q?: string;
  readonly limit: number;
}

/** Rows of an answer, if the query has no `limit`. */
const DEFAULT_ROWS = 100;
const MOST_ROWS = 1_000;

/** Objects, so that the compiler refuses a list in which one is missing. */
const STATES: Record<LivenessState, true> = {
  alive: true,
  suspect: true,
  evicted: true,
  closed: true,
};
const CAUSES: Record<EvictionCause, true> = {
  unresponsive: true,
  idle: true,
  expired: true,
  unadmitted: true,
  flooding: true,
  'slow-consumer': true,
  drain: true,
  requested: true,
};
const CLOSED_BY: Record<ClosedBy, true> = {
  server: true,
  client: true,
  application: true,
  network: true,
};
const SORTS: Record<ClientSort, true> = {
  silence: true,
  rtt: true,
  bufferedBytes: true,
  age: true,
};
const ORDERS: Record<'desc' | 'asc', true> = { desc: true, asc: true };

/** @throws HttpException (400) for a value that is not understood */
export function clientsQuery(query: URLSearchParams): ClientsQuery {
  const { gateway, q } = texts(query);
  const state = oneOf(query, 'state', STATES);
  return {
    ...(gateway !== undefined && { gateway }),
    ...(q !== undefined && { q }),
    ...(state && { state }),
    sort: oneOf(query, 'sort', SORTS) ?? 'silence',
    order: oneOf(query, 'order', ORDERS) ?? 'desc',
    limit: limitOf(query),
  };
}

/** @throws HttpException (400) for a value that is not understood */
export function historyQuery(query: URLSearchParams): HistoryQuery {
  const { gateway, q } = texts(query);
  const cause = oneOf(query, 'cause', CAUSES);
  const by = oneOf(query, 'by', CLOSED_BY);
  return {
    ...(gateway !== undefined && { gateway }),
    ...(q !== undefined && { q }),
    ...(cause && { cause }),
    ...(by && { by }),
    limit: limitOf(query),
  };
}

function texts(query: URLSearchParams): { gateway: string | undefined; q: string | undefined } {
  return { gateway: single(query, 'gateway'), q: single(query, 'q') };
}

function oneOf<Key extends string>(
  query: URLSearchParams,
  name: string,
  known: Record<Key, true>,
): Key | undefined {
  const value = single(query, name);
  if (value === undefined || Object.hasOwn(known, value)) return value as Key | undefined;
  throw invalidRequest(
    `\`${name}\` is ${show(value)}. Known are ${Object.keys(known).map(showKey).join(', ')}.`,
  );
}

function limitOf(query: URLSearchParams): number {
  const value = single(query, 'limit');
  if (value === undefined) return DEFAULT_ROWS;
  if (/^\d{1,4}$/.test(value) && Number(value) <= MOST_ROWS) return Number(value);
  throw invalidRequest(`\`limit\` is ${show(value)}. Set a whole number up to ${MOST_ROWS}.`);
}

function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) throw invalidRequest(`\`${name}\` is given more than once. Set it once.`);
  return value;
}

import type {
  DashboardClient,
  DashboardClosedConnection,
  DashboardOverview,
  DashboardTable,
} from '../dashboard/dashboard.interfaces.js';

/** How long a poll may take, ms. A server that stalls longer than this is polled again. */
const POLL_TIMEOUT = 20_000;
/** How long an action may take, ms: a probe waits 5 s for its answer. */
const ACTION_TIMEOUT = 15_000;

/** An answer, and the instance that gave it. */
export interface Answer<Data> {
  readonly data: Data;
  readonly instance: string | null;
}

/** The routes of the dashboard, relative to the page. */
export class DashboardServer {
  constructor(private readonly root: string) {}

  overview(signal: AbortSignal): Promise<Answer<DashboardOverview>> {
    return this.get('data/overview', '', signal);
  }

  clients(query: string, signal: AbortSignal): Promise<Answer<DashboardTable<DashboardClient>>> {
    return this.get('data/clients', query, signal);
  }

  history(
    query: string,
    signal: AbortSignal,
  ): Promise<Answer<DashboardTable<DashboardClosedConnection>>> {
    return this.get('data/history', query, signal);
  }

  /** Resolves with the round-trip time in ms. */
  async probe(id: string): Promise<number> {
    const { data } = await this.post<{ rtt: number }>('actions/probe', { id });
    return data.rtt;
  }

  async disconnect(id: string, reason: string): Promise<void> {
    await this.post('actions/disconnect', { id, ...(reason !== '' && { reason }) });
  }

  private get<Data>(path: string, query: string, signal: AbortSignal): Promise<Answer<Data>> {
    const url = `${this.root}${path}${query === '' ? '' : `?${query}`}`;
    return request(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(POLL_TIMEOUT)]) });
  }

  private post<Data>(path: string, body: object): Promise<Answer<Data>> {
    return request(this.root + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ACTION_TIMEOUT),
    });
  }
}

async function request<Data>(url: string, init: RequestInit): Promise<Answer<Data>> {
  const response = await fetch(url, {
    ...init,
    cache: 'no-store',
    credentials: 'same-origin',
  });
  if (!response.ok) throw new Error(await refusalOf(response));
  const data = (await response.json()) as Data;
  return { data, instance: response.headers.get('X-Heartbeat-Instance') };
}

/** The status and the message of an error, on one line. */
async function refusalOf(response: Response): Promise<string> {
  const status = `${response.status} ${response.statusText}`.trim();
  try {
    const { message } = (await response.json()) as { message?: unknown };
    return typeof message === 'string' ? `${status}: ${message}` : status;
  } catch {
    return status;
  }
}

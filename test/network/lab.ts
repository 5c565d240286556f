import { afterAll } from '@jest/globals';
import type { HeartbeatModuleOptions, HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child } from '../support/child.js';
import { Network, type Site } from '../support/namespaces.js';
import type { ClientRecord } from '../support/recording.gateway.js';
import { requires, type Need } from '../support/requirements.js';

const SERVER = new URL('../support/programs/recording.server.ts', import.meta.url);
const PROXY = new URL('./delaying.proxy.mjs', import.meta.url);
const CLIENTS = new URL('../support/programs/clients.mjs', import.meta.url);

/** `describe` for tests that use a lab. `more`: further requirements. */
export const onNetworks = (...more: Need[]) =>
  requires('root', 'iptables', 'ip', 'network namespaces', ...more);

/** The times of the server, ms. */
export interface Policy {
  readonly interval: number;
  readonly timeout: number;
}

/** Settings of a group of clients, as `programs/clients.mjs` takes them. */
export interface ClientSettings {
  /** Another program, which takes `url`, `name` and `count` as well. */
  readonly program?: URL;
  readonly count?: number;
  /** Limits of the random delay of each chunk, in both directions, ms. */
  readonly delay?: { readonly least: number; readonly most: number };
  /** Whether both ends retransmit lost packets early; see `Site.retransmitFast()`. */
  readonly fastRetransmission?: boolean;
  readonly latency?: number;
  readonly message?: { event: string; data?: unknown; every?: number } | undefined;
}

/** The end of a connection as the client saw it. `at`: on the server's clock. */
export interface End {
  readonly code: number;
  readonly at: number;
}

/** Settings of the server of a lab. */
interface LabSettings {
  readonly program?: URL;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server and groups of clients. Each runs in its own network namespace, and each group has its own link. */
export class Lab {
  private constructor(
    readonly policy: Policy,
    readonly network: Network,
    readonly server: Child,
    readonly tick: number,
    private readonly port: string,
  ) {}

  static async open(
    policy: Policy & HeartbeatModuleOptions,
    { program = SERVER, env = {} }: LabSettings = {},
  ): Promise<Lab> {
    const network = await Network.create();
    try {
      const settings = { ...policy, host: '0.0.0.0' };
      const server = await Child.start(program, settings, { ...network.server, env });
      const { port } = new URL(await server.request<string>('url'));
      const { tick } = await server.request<HeartbeatSnapshot>('snapshot');
      return new Lab(policy, network, server, tick, port);
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  /** Connects a group of clients from its own site. */
  async addClients(name: string, settings: ClientSettings = {}): Promise<ClientGroup> {
    const { program = CLIENTS, count = 3, delay, fastRetransmission = false, ...rest } = settings;
    const site = await this.network.addSite();
    if (fastRetransmission) await site.retransmitFast();
    const url = await this.urlFor(site, delay);
    const clients = await Child.start(program, { url, name, count, ...rest }, site.host);
    const group = new ClientGroup(name, count, site, clients, this);
    await this.server.request('untilActive', `${name}-`, count);
    return group;
  }

  /** URL for the clients of a site: of the server, or of a proxy that delays. */
  private async urlFor(
    { host, serverAddress }: Site,
    delay: ClientSettings['delay'],
  ): Promise<string> {
    const to = `ws://${serverAddress}:${this.port}`;
    if (delay === undefined) return to;
    const proxy = await Child.start(PROXY, { to, ...delay }, host);
    return proxy.request('url');
  }

  close(): void {
    this.network.remove();
  }
}

/** A group of clients on one site. */
export class ClientGroup {
  private readonly waitedBefore: number;

  constructor(
    readonly name: string,
    readonly count: number,
    readonly site: Site,
    readonly clients: Child,
    readonly lab: Lab,
  ) {
    this.waitedBefore = lab.server.waitedForCpu();
  }

  /** Time that the server has waited for a CPU since the group connected, as the kernel counts it, ms. */
  serverWaited(): number {
    return this.lab.server.waitedForCpu() - this.waitedBefore;
  }

  /** The server's records of the group. */
  async records(): Promise<ClientRecord[]> {
    const records = await this.lab.server.request<ClientRecord[]>('records');
    return records.filter(({ name }) => name.startsWith(`${this.name}-`));
  }

  /** Waits until the server has received data of each open connection again, and suspects none. */
  async untilAlive(): Promise<void> {
    await this.lab.server.request('untilActiveAgain', `${this.name}-`, this.count);
  }

  /** Waits until all clients are suspect. */
  async untilSuspected(): Promise<void> {
    await this.lab.server.request('untilSuspected', `${this.name}-`, this.count);
  }

  /** Waits until the server has seen the end of all connections. */
  async untilGone(): Promise<ClientRecord[]> {
    await this.lab.server.request('untilGone', `${this.name}-`, this.count);
    return this.records();
  }

  /** The ends that the clients have seen so far. */
  async ends<E extends End>(): Promise<E[]> {
    const [server, clients] = await Promise.all([
      this.lab.server.request<number>('origin'),
      this.clients.request<number>('origin'),
    ]);
    const ends = await this.clients.request<E[]>('ends');
    return ends.map((end) => ({ ...end, at: end.at + clients - server }));
  }

  /** Waits until each client has seen the end of its connection. */
  async untilClosed<E extends End>(): Promise<E[]> {
    await this.clients.request('untilClosed', this.count);
    return this.ends<E>();
  }
}

/**
 * A lab for all tests of a file. The first test that needs it opens it, because concurrent tests start before
 * `beforeAll`. It is closed after the last test.
 */
export function sharedLab(open: () => Promise<Lab>): () => Promise<Lab> {
  let opened: Promise<Lab> | undefined;
  afterAll(async () => (await opened)?.close());
  return () => (opened ??= open());
}

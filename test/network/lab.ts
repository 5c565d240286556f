import type { HeartbeatModuleOptions, HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child } from '../support/child.js';
import { Network, type Site } from '../support/namespaces.js';
import type { ClientRecord } from '../support/recording.gateway.js';

const SERVER = new URL('../support/programs/recording.server.ts', import.meta.url);
const CLIENTS = new URL('../support/programs/clients.mjs', import.meta.url);

/** What the clients of a site are like, as `programs/clients.mjs` takes it. */
interface Manner {
  readonly count?: number;
  readonly latency?: number;
  readonly say?: { readonly event: string; readonly data?: unknown; readonly every?: number };
}

/** A server in a namespace of its own, and sites with clients that reach it over links of their own. */
export class Lab {
  private constructor(
    readonly network: Network,
    readonly server: Child,
    readonly tick: number,
    private readonly port: string,
  ) {}

  static async open(options: HeartbeatModuleOptions): Promise<Lab> {
    const network = await Network.create();
    try {
      const settings = { ...options, host: '0.0.0.0' };
      const server = await Child.start(SERVER, settings, network.server);
      const { port } = new URL(await server.ask<string>('url'));
      const { tick } = await server.ask<HeartbeatSnapshot>('snapshot');
      return new Lab(network, server, tick, port);
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  /** Clients of one name on a site of their own, connected. */
  async gather(name: string, { count = 3, ...manner }: Manner = {}): Promise<Party> {
    const site = await this.network.addSite();
    const url = `ws://${site.serverAddress}:${this.port}`;
    const clients = await Child.start(CLIENTS, { url, name, count, ...manner }, site.host);
    return new Party(name, count, site, clients, this.server);
  }

  close(): void {
    this.network.remove();
  }
}

/** The clients of one site. */
export class Party {
  constructor(
    readonly name: string,
    readonly count: number,
    readonly site: Site,
    readonly clients: Child,
    private readonly server: Child,
  ) {}

  /** What the server has written down about them. */
  async records(): Promise<ClientRecord[]> {
    const records = await this.server.ask<ClientRecord[]>('records');
    return records.filter(({ name }) => name.startsWith(`${this.name}-`));
  }

  /** Waits until the server has seen all of them go. */
  async untilGone(): Promise<ClientRecord[]> {
    await this.server.ask('untilGone', `${this.name}-`, this.count);
    return this.records();
  }

  /** When each of them that is closed saw it, on the server's clock. */
  async ends(): Promise<{ code: number; at: number }[]> {
    const [server, clients] = await Promise.all([
      this.server.ask<number>('origin'),
      this.clients.ask<number>('origin'),
    ]);
    const ends = await this.clients.ask<{ code: number; at: number }[]>('ends');
    return ends.map(({ code, at }) => ({ code, at: at + clients - server }));
  }
}

import { afterAll } from '@jest/globals';
import type { HeartbeatModuleOptions, HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child } from '../support/child.js';
import { Network, type Site } from '../support/namespaces.js';
import type { ClientRecord } from '../support/recording.gateway.js';
import { requires, type Need } from '../support/requirements.js';

const SERVER = new URL('../support/programs/recording.server.ts', import.meta.url);
const PROXY = new URL('./delaying.proxy.mjs', import.meta.url);
const CLIENTS = new URL('../support/programs/clients.mjs', import.meta.url);

/** `describe` for tests that need a lab, and may need more. */
export const onNetworks = (...more: Need[]) =>
  requires('root', 'iptables', 'ip', 'network namespaces', ...more);

/** A policy, in the two numbers that matter here. */
export interface Policy {
  readonly interval: number;
  readonly timeout: number;
}

/** What the clients of a party are like, as `programs/clients.mjs` takes it. */
export interface Manner {
  /** Another program than that one, which takes `url`, `name` and `count` as well. */
  readonly program?: URL;
  readonly count?: number;
  /** Ms by which whatever is sent to them, or by them, is late, piece by piece. */
  readonly delay?: { readonly least: number; readonly most: number };
  /** Whether their system and the server's insist on delivering what is lost. */
  readonly insists?: boolean;
  readonly latency?: number;
  readonly say?: { event: string; data?: unknown; every?: number } | undefined;
}

/** When a client saw its connection end, on the server's clock, and with which code. */
export interface End {
  readonly code: number;
  readonly at: number;
}

/** What a lab's server may be besides one with a policy. */
interface LabSettings {
  readonly program?: URL;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server in a namespace of its own, and parties of clients that reach it over links of their own. */
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
      const { port } = new URL(await server.ask<string>('url'));
      const { tick } = await server.ask<HeartbeatSnapshot>('snapshot');
      return new Lab(policy, network, server, tick, port);
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  /** Connects clients of one name, on a site of their own. */
  async gather(name: string, manner: Manner = {}): Promise<Party> {
    const { program = CLIENTS, count = 3, delay, insists = false, ...rest } = manner;
    const site = await this.network.addSite();
    if (insists) await site.insist();
    const url = await this.way(site, delay);
    const clients = await Child.start(program, { url, name, count, ...rest }, site.host);
    const party = new Party(name, count, site, clients, this);
    await this.server.ask('untilHeard', `${name}-`, count);
    return party;
  }

  /** Where the clients of a site connect: at the server, or at a proxy beside them. */
  private async way({ host, serverAddress }: Site, delay: Manner['delay']): Promise<string> {
    const to = `ws://${serverAddress}:${this.port}`;
    if (delay === undefined) return to;
    const proxy = await Child.start(PROXY, { to, ...delay }, host);
    return proxy.ask('url');
  }

  close(): void {
    this.network.remove();
  }
}

/** The clients of one site. */
export class Party {
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

  /** For how many ms the server has waited for a CPU since they connected, as the kernel counts it. */
  serverWaited(): number {
    return this.lab.server.waitedForCpu() - this.waitedBefore;
  }

  /** What the server has written down about them. */
  async records(): Promise<ClientRecord[]> {
    const records = await this.lab.server.ask<ClientRecord[]>('records');
    return records.filter(({ name }) => name.startsWith(`${this.name}-`));
  }

  /** Waits until the server hears each of them again and suspects none, but for those that are gone. */
  async untilHeardAgain(): Promise<void> {
    await this.lab.server.ask('untilHeardAgain', `${this.name}-`, this.count);
  }

  /** Waits until the server suspects all of them. */
  async untilSuspected(): Promise<void> {
    await this.lab.server.ask('untilSuspected', `${this.name}-`, this.count);
  }

  /** Waits until the server has seen all of them go. */
  async untilGone(): Promise<ClientRecord[]> {
    await this.lab.server.ask('untilGone', `${this.name}-`, this.count);
    return this.records();
  }

  /** The ends that they have seen so far. */
  async ends<E extends End>(): Promise<E[]> {
    const [server, clients] = await Promise.all([
      this.lab.server.ask<number>('origin'),
      this.clients.ask<number>('origin'),
    ]);
    const ends = await this.clients.ask<E[]>('ends');
    return ends.map((end) => ({ ...end, at: end.at + clients - server }));
  }

  /** Waits until each of them has seen its end. */
  async untilClosed<E extends End>(): Promise<E[]> {
    await this.clients.ask('untilClosed', this.count);
    return this.ends<E>();
  }
}

/**
 * A lab for all tests of a file: opened by the first that asks for it, because hooks come too late for tests
 * that run concurrently, and closed after the last.
 */
export function sharedLab(open: () => Promise<Lab>): () => Promise<Lab> {
  let opened: Promise<Lab> | undefined;
  afterAll(async () => (await opened)?.close());
  return () => (opened ??= open());
}

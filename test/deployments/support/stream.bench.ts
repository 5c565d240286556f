import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../../support/child.js';
import { Network, type Site } from '../../support/namespaces.js';
import type { Digest } from './digest.js';
import type { StreamRecord } from './stream.record.js';
import type { ClientOutcome } from './streams.clients.js';
import { durationOf, gatewayPath, type Pace, type Transfer, type Transport } from './transfer.js';

const SERVER = new URL('./streams.server.ts', import.meta.url);
const CONNECT = new URL('./connect.pl', import.meta.url);
const CLIENTS = new URL('./streams.clients.ts', import.meta.url);

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';
/**
 * How many bytes the kernel of a client keeps; on the network, the server's kernel, too. By default kernels keep
 * megabytes, so that a queue is empty long before its bytes are read.
 */
const BUFFER = 131_072;

/** What became of a transfer. */
export interface TransferOutcome {
  readonly sent: Digest;
  readonly received: Digest | undefined;
  /** For how long the sender's queue waited. Milliseconds. */
  readonly waited: number;
  readonly duration: number;
  readonly server: StreamRecord;
}

/** Clients in a process of their own, on a site of their own where there is one. */
export interface StreamClients {
  readonly process: Child;
  readonly site: Site | undefined;
}

/** Where clients run, and what their path is like. */
export interface Place {
  /** On a site of the network, which can be cut off. Otherwise clients of a network reach only the Unix socket. */
  readonly site?: boolean;
  /** The client's socket is as fast as it can be. */
  readonly unmetered?: boolean;
  /** The rate of the site's link, in bytes per second. Then the client's socket is not metered. */
  readonly link?: number;
}

/** A server with a gateway per pace and liveness, in a process of its own. */
export class StreamBench {
  private constructor(
    readonly tick: number,
    private readonly server: Child,
    private readonly urls: Readonly<Record<Transport, string>>,
    private readonly network: Network | undefined,
  ) {}

  static async start(paces: readonly Pace[]): Promise<StreamBench> {
    return StreamBench.launch(paces, undefined);
  }

  /** The server runs in a network namespace, and clients may do so. */
  static async startOnNetwork(paces: readonly Pace[]): Promise<StreamBench> {
    const network = await Network.create();
    try {
      await network.server.limitBuffers(BUFFER);
      return await StreamBench.launch(paces, network);
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  private static async launch(
    paces: readonly Pace[],
    network: Network | undefined,
  ): Promise<StreamBench> {
    const gateways = paces.flatMap((pace) =>
      (['transport', 'application'] as const).map((liveness) => ({
        path: gatewayPath(pace, liveness),
        options: { ...pace.options, liveness },
        effort: pace.effort ?? 1,
      })),
    );
    const socket = join(mkdtempSync(join(tmpdir(), 'heartbeat-streams-')), 'server.sock');
    const host = network === undefined ? LOOPBACK : EVERYWHERE;
    const server = await Child.start(SERVER, { host, socket, gateways }, network?.server);
    const [tick, urls] = await Promise.all([
      server.request<number>('tick'),
      server.request<Record<Transport, string>>('urls'),
    ]);
    return new StreamBench(tick, server, urls, network);
  }

  /** A process for the clients of these transfers. */
  async clients(
    transfers: readonly Transfer[],
    { site: hasSite = false, unmetered = false, link }: Place = {},
  ): Promise<StreamClients> {
    const isMetered = !unmetered && link === undefined;
    if (this.network === undefined) {
      const launcher = this.connecting(transfers);
      const settings = { urls: this.urls, isMetered };
      return { process: await Child.start(CLIENTS, settings, { launcher }), site: undefined };
    }
    if (!hasSite && isMetered) {
      const { unix } = this.urls;
      const settings = { urls: { unix }, isMetered };
      return { process: await Child.start(CLIENTS, settings), site: undefined };
    }
    const site = await this.network.addSite();
    await site.host.limitBuffers(BUFFER);
    if (link !== undefined) await site.limit(link);
    const { tcp, tls } = this.urls;
    const at = (url: string) => url.replace(EVERYWHERE, site.serverAddress);
    const settings = { urls: { tcp: at(tcp), tls: at(tls) }, isMetered };
    return { process: await Child.start(CLIENTS, settings, site.host), site };
  }

  /** What makes the connections of a process beforehand, with small buffers. */
  private connecting(transfers: readonly Transfer[]): string[] {
    const ports = transfers
      .filter(({ transport }) => transport !== 'unix')
      .map(({ transport }) => new URL(this.urls[transport]).port);
    if (ports.length === 0) return [];
    return ['perl', fileURLToPath(CONNECT), LOOPBACK, String(BUFFER), ports.join(',')];
  }

  /** Runs a transfer to its end, which may be an early one. */
  async run({ process }: StreamClients, transfer: Transfer): Promise<TransferOutcome> {
    const { id, sender, pace } = transfer;
    const { timeout } = pace;
    // A transfer that stalls without an end shall fail by itself, and not the test by its timeout.
    const limit = Math.ceil(1.5 * durationOf(transfer) + timeout);
    const start = performance.now();
    await process.request('open', transfer);
    await (sender === 'client' ? this.server : process).request('untilReceived', id, limit);
    const duration = performance.now() - start;
    const client = await process.request<ClientOutcome>('leave', id);
    const server = await this.untilGone(transfer);
    const sent = await this.server.request<Digest>('sent', pace.size);
    return sender === 'client'
      ? { sent: client.digest, received: server.received, waited: client.waited, duration, server }
      : { sent, received: client.digest, waited: server.waited, duration, server };
  }

  /** Runs a transfer to its middle, or its early end. */
  async runHalf({ process }: StreamClients, transfer: Transfer): Promise<void> {
    await process.request('open', transfer);
    await process.request('untilHalf', transfer.id);
  }

  /** How many bytes of a transfer have passed, and for how long the sender's queue has waited. */
  async progress(
    { process }: StreamClients,
    { id, sender }: Transfer,
  ): Promise<{ passed: number; waited: number }> {
    const { passed, waited } = await process.request<ClientOutcome>('outcome', id);
    if (sender === 'client') return { passed, waited };
    return { passed, waited: (await this.server.request<StreamRecord>('record', id)).waited };
  }

  /** Waits until the server has seen the connection of a transfer end, for twice the timeout at most. */
  untilGone({ id, pace: { timeout } }: Transfer): Promise<StreamRecord> {
    return this.server.request('untilGone', id, 2 * timeout);
  }

  /** Removes the network and the Unix socket. The processes are ended by `killAll()`. */
  close(): void {
    this.network?.remove();
    rmSync(dirname(new URL(this.urls.unix).pathname), { recursive: true, force: true });
  }
}

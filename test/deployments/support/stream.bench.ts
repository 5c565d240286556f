import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../support/child.js';
import { Network, type Site } from '../../support/namespaces.js';
import type { Digest } from './digest.js';
import type { StreamRecord } from './stream.record.js';
import type { ClientOutcome } from './streams.clients.js';
import { gatewayPath, type Pace, type Transfer, type Transport } from './transfer.js';

const SERVER = new URL('./streams.server.ts', import.meta.url);
const CLIENTS = new URL('./streams.clients.ts', import.meta.url);

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
  /** On a site of the network, which can be cut off. */
  readonly site?: boolean;
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

  /**
   * The server runs in a network namespace. `buffers`: how many bytes its kernel keeps per connection and direction;
   * by default as many as the system's kernel does.
   */
  static async startOnNetwork(paces: readonly Pace[], buffers?: number): Promise<StreamBench> {
    const network = await Network.create();
    try {
      if (buffers !== undefined) await network.server.limitBuffers(buffers);
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
      })),
    );
    const socket = join(mkdtempSync(join(tmpdir(), 'heartbeat-streams-')), 'server.sock');
    const host = network === undefined ? '127.0.0.1' : '0.0.0.0';
    const server = await Child.start(SERVER, { host, socket, gateways }, network?.server);
    const [tick, urls] = await Promise.all([
      server.ask<number>('tick'),
      server.ask<Record<Transport, string>>('urls'),
    ]);
    return new StreamBench(tick, server, urls, network);
  }

  /** A process for clients. */
  async clients({ site: hasSite = false, link }: Place = {}): Promise<StreamClients> {
    const site = hasSite || link !== undefined ? await this.network?.addSite() : undefined;
    if (link !== undefined) await site?.limit(link);
    const host = site?.serverAddress ?? '127.0.0.1';
    const { tcp, tls, unix } = this.urls;
    const urls = { unix, tcp: tcp.replace('0.0.0.0', host), tls: tls.replace('0.0.0.0', host) };
    const isMetered = link === undefined;
    return { process: await Child.start(CLIENTS, { urls, isMetered }, site?.host), site };
  }

  /** Runs a transfer to its end, which may be an early one. */
  async run({ process }: StreamClients, transfer: Transfer): Promise<TransferOutcome> {
    const { id, sender, pace } = transfer;
    const start = performance.now();
    await process.ask('open', transfer);
    await (sender === 'client' ? this.server : process).ask('untilReceived', id);
    const duration = performance.now() - start;
    const client = await process.ask<ClientOutcome>('leave', id);
    const server = await this.untilGone(transfer);
    const sent = await this.server.ask<Digest>('sent', pace.size);
    return sender === 'client'
      ? { sent: client.digest, received: server.received, waited: client.waited, duration, server }
      : { sent, received: client.digest, waited: server.waited, duration, server };
  }

  /** Runs a transfer to its middle. Says how many bytes have passed, and for how long the sender's queue has waited. */
  async runHalf(
    { process }: StreamClients,
    transfer: Transfer,
  ): Promise<{ passed: number; waited: number }> {
    const { id, sender, pace } = transfer;
    await process.ask('open', transfer);
    const passed = await process.ask<number>('untilHalf', id, pace.size);
    const { waited } =
      sender === 'client'
        ? await process.ask<ClientOutcome>('outcome', id)
        : await this.server.ask<StreamRecord>('record', id);
    return { passed, waited };
  }

  /** Waits until the server has seen the connection of a transfer end. */
  untilGone({ id }: Transfer): Promise<StreamRecord> {
    return this.server.ask('untilGone', id);
  }

  /** Removes the network. The processes are ended by `killAll()`. */
  close(): void {
    this.network?.remove();
  }
}

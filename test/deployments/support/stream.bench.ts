import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../support/child.js';
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

/** A server with a gateway per pace and liveness, in a process of its own. */
export class StreamBench {
  private constructor(
    readonly server: Child,
    private readonly urls: Readonly<Record<Transport, string>>,
  ) {}

  static async start(paces: readonly Pace[]): Promise<StreamBench> {
    const gateways = paces.flatMap((pace) =>
      (['transport', 'application'] as const).map((liveness) => ({
        path: gatewayPath(pace, liveness),
        options: { ...pace.options, liveness },
      })),
    );
    const socket = join(mkdtempSync(join(tmpdir(), 'heartbeat-streams-')), 'server.sock');
    const server = await Child.start(SERVER, { host: '127.0.0.1', socket, gateways });
    return new StreamBench(server, await server.ask('urls'));
  }

  /** A process for clients. */
  clients(): Promise<Child> {
    return Child.start(CLIENTS, { urls: this.urls });
  }

  /** Runs a transfer to its end, which may be an early one. */
  async run(clients: Child, transfer: Transfer): Promise<TransferOutcome> {
    const { id, sender, pace } = transfer;
    const start = performance.now();
    await clients.ask('open', transfer, true);
    await (sender === 'client' ? this.server : clients).ask('untilReceived', id);
    const duration = performance.now() - start;
    const client = await clients.ask<ClientOutcome>('leave', id);
    const server = await this.server.ask<StreamRecord>('untilGone', id);
    const sent = await this.server.ask<Digest>('sent', pace.size);
    return sender === 'client'
      ? { sent: client.digest, received: server.received, waited: client.waited, duration, server }
      : { sent, received: client.digest, waited: server.waited, duration, server };
  }
}

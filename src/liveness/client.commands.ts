import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { ConnectionEvictor, type CloseFrame } from '../connections/connection.evictor.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { ClientDisconnectedError } from '../heartbeat.errors.js';
import type { HeartbeatOptions } from '../heartbeat.options.js';
import { checkTime, resolveUpdate } from '../heartbeat.options.resolver.js';
import { cutToLength } from '../heartbeat.text.js';
import { HeartbeatScheduler } from '../lifecycle/heartbeat.scheduler.js';
import { ConnectionPolicy } from '../transport/monitored.server.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { checkCloseFrame, checkLabel } from './arguments.js';
import { Prober } from './prober.js';
import { TrackedClients } from './tracked.clients.js';

/** UTF-16 code units of a label. */
const LONGEST_LABEL = 128;

/** What `update()` can change. */
export type ClientUpdate = Pick<
  HeartbeatOptions,
  'interval' | 'timeout' | 'idleTimeout' | 'maxLifetime' | 'liveness'
>;

/** The methods of `LivenessService` that act on one client. */
@Injectable()
export class ClientCommands {
  constructor(
    private readonly tracked: TrackedClients,
    private readonly detector: FailureDetector<WsConnection>,
    private readonly evictor: ConnectionEvictor,
    private readonly scheduler: HeartbeatScheduler,
    private readonly prober: Prober,
  ) {}

  async probe(client: WebSocket, timeout: number): Promise<number> {
    this.tracked.refuseAfterShutdown('probe');
    checkTime('probe()', 'timeout', timeout);
    const connection = this.tracked.find(client, 'probe');
    if (connection === undefined) throw new ClientDisconnectedError();
    return this.prober.probe(connection, timeout);
  }

  admit(client: WebSocket, label: string | undefined): void {
    checkLabel(label);
    const connection = this.tracked.find(client, 'admit');
    if (connection === undefined) return;
    connection.admit();
    if (label !== undefined) connection.setLabel(cutToLength(label, LONGEST_LABEL));
  }

  touch(client: WebSocket): void {
    const connection = this.tracked.find(client, 'touch');
    if (connection !== undefined) this.detector.onApplicationMessage(connection);
  }

  pause(client: WebSocket): void {
    const connection = this.tracked.find(client, 'pause');
    if (connection !== undefined) this.detector.pause(connection);
  }

  resume(client: WebSocket): void {
    const connection = this.tracked.find(client, 'resume');
    if (connection?.paused) this.detector.resume(connection);
  }

  update(client: WebSocket, options: ClientUpdate): void {
    this.tracked.refuseAfterShutdown('update');
    const connection = this.tracked.find(client, 'update');
    if (connection === undefined) return;
    const { server, policy: before } = connection;
    const { configured, options: own } = resolveUpdate(before, options);
    const policy = new ConnectionPolicy(server, configured, own);
    this.scheduler.fit(policy);
    this.detector.update(connection, policy);
  }

  disconnect(client: WebSocket, options: CloseFrame): void {
    const frame = checkCloseFrame(options);
    const connection = this.tracked.find(client, 'disconnect');
    if (connection?.isOpen) this.evictor.evict(connection, 'requested', frame);
  }
}

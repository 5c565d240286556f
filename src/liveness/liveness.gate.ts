import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import type { WebSocket } from 'ws';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import { ConnectionDrain } from '../lifecycle/connection.drain.js';
import { LivenessService } from './liveness.service.js';
import { Prober } from './prober.js';

/** How many guards may wait for the answer of one client. */
const MOST_WAITING = 64;

/** The access of `HeartbeatGuard` to the rest of the module: one injected property, so that subclasses need no constructor. */
@Injectable()
export class LivenessGate {
  /** The contexts of messages that a guard has begun to check. A later guard need not check them again. */
  readonly checked = new WeakSet<ExecutionContext>();

  constructor(
    private readonly service: LivenessService,
    private readonly connections: ConnectionRegistry,
    private readonly prober: Prober,
    private readonly drain: ConnectionDrain,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  get isDraining(): boolean {
    return this.drain.isDraining;
  }

  get(client: WebSocket): Liveness | undefined {
    return this.service.get(client);
  }

  /** Whether a client was tracked, and is not tracked any more. */
  isGone(client: WebSocket): boolean {
    return this.connections.knows(client) && this.connections.find(client) === undefined;
  }

  /** Real ms since the last proven round trip ended; Infinity before the first. */
  provenSince(client: WebSocket): number {
    return this.connections.find(client)?.provenSince(this.clock.now()) ?? Infinity;
  }

  /** Whether the maximum of guards already waits for the answer of a client. */
  isCrowded(client: WebSocket): boolean {
    const connection = this.connections.find(client);
    return connection !== undefined && this.prober.waiting(connection) >= MOST_WAITING;
  }

  async probe(client: WebSocket, timeout: number): Promise<void> {
    await this.service.probe(client, timeout);
  }
}

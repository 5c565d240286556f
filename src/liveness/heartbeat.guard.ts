import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { WsException } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { PROBE_TIMEOUT, REQUIRED_LIVENESS } from '../heartbeat.constants.js';
import { ClientDisconnectedError, guardNotInjected } from '../heartbeat.errors.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import type { LivenessDemand } from './liveness.demand.js';
import { LivenessGate } from './liveness.gate.js';

/**
 * The demand that a client failed: that it is open, that the server is not draining, or one of `@RequireLiveness()`.
 *
 * @publicApi
 */
export type FailedDemand = 'open' | 'draining' | 'provenWithin' | 'maxRtt';

/** Metadata of `@UseGuards()` on a handler or class. */
const GUARDS = '__guards__';

/**
 * Lets a message handler run only for a client that can receive the answer.
 *
 * Refuses messages of a client that is evicted or closing, new work while the server drains, and, with
 * `@RequireLiveness()`, a client whose last proven round trip is too old or too slow. If necessary it
 * probes the client and waits. It refuses with a `WsException` of `{ status: 'error', message, demand }`. Contexts
 * other than ws pass. Clients that are not tracked pass without `@RequireLiveness()`.
 *
 * Every step is a protected method: a subclass can change it. On a handler or gateway with
 * `@UseGuards(TheSubclass)` the subclass runs instead of this class, whatever applies it.
 *
 * @publicApi
 */
@Injectable()
export class HeartbeatGuard implements CanActivate {
  /** Reads the metadata of decorators. */
  @Inject(Reflector)
  protected readonly reflector!: Reflector;
  @Inject(LivenessGate)
  private readonly gate!: LivenessGate;

  /** Whether the handler may run. Rejects with `WsException` if not. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType<string>() !== 'ws') return true;
    if (!isInjected(this)) throw guardNotInjected();
    if (this.isRedundant(context)) return true;
    const client = this.getClient(context);
    const demand = this.getDemand(context);
    const liveness = this.gate.get(client);
    this.gate.checked.add(context);
    if (liveness === undefined && !this.gate.isGone(client))
      return this.handleUntracked(client, demand);
    this.checkOpen(client, liveness);
    this.checkDraining(client);
    if (demand !== undefined) {
      await this.checkProof(client, demand);
      await this.checkRoundTrip(client, demand);
      this.checkOpen(client, this.gate.get(client));
    }
    return true;
  }

  /**
   * Whether another guard of this class checks the same message: one that ran before it, such as that of
   * `@UseGuards(HeartbeatGuard)` beside that of `@RequireLiveness()`, or a subclass on the handler or its gateway,
   * which replaces this class there. A subclass is never redundant.
   */
  private isRedundant(context: ExecutionContext): boolean {
    if (this.constructor !== HeartbeatGuard) return false;
    return (
      this.gate.checked.has(context) ||
      hasSubclass(context.getHandler()) ||
      hasSubclass(context.getClass())
    );
  }

  /** The client that sent the message. */
  protected getClient(context: ExecutionContext): WebSocket {
    return context.switchToWs().getClient<WebSocket>();
  }

  /** The demand of the handler, or else of its gateway. */
  protected getDemand(context: ExecutionContext): LivenessDemand | undefined {
    return this.reflector.getAllAndOverride<LivenessDemand | undefined>(REQUIRED_LIVENESS, [
      context.getHandler(),
      context.getClass(),
    ]);
  }

  /** Handles a client that is not monitored. Its liveness is not known, so it cannot meet any demand. */
  protected handleUntracked(_client: WebSocket, demand: LivenessDemand | undefined): boolean {
    if (demand === undefined) return true;
    const failed = demand.provenWithin === undefined ? 'maxRtt' : 'provenWithin';
    return this.refuse(failed, 'The liveness of this client is not known');
  }

  /** Refuses a client that is evicted or closing. Messages that were received before may still be delivered. */
  protected checkOpen(client: WebSocket, liveness: Liveness | undefined): void {
    if (
      liveness === undefined ||
      liveness.state === 'evicted' ||
      client.readyState !== client.OPEN
    ) {
      this.refuse('open', 'The connection is being closed');
    }
  }

  /** Refuses messages while the server drains. */
  protected checkDraining(_client: WebSocket): void {
    if (this.gate.isDraining) this.refuse('draining', 'The server is shutting down, reconnect');
  }

  /** Refuses a client whose last proven round trip is too old, and that does not answer a probe. */
  protected async checkProof(
    client: WebSocket,
    { provenWithin, maxRtt }: LivenessDemand,
  ): Promise<void> {
    if (provenWithin === undefined || this.gate.provenSince(client) <= provenWithin) return;
    await this.probe(client, maxRtt, 'provenWithin');
  }

  /** Refuses a client whose newest round trip was too slow. Probes a client that has none yet. */
  protected async checkRoundTrip(client: WebSocket, { maxRtt }: LivenessDemand): Promise<void> {
    if (maxRtt === undefined) return;
    if (this.gate.get(client)?.rtt === undefined) await this.probe(client, maxRtt, 'maxRtt');
    const last = this.gate.get(client)?.rtt?.last;
    if (last === undefined || last > maxRtt)
      this.refuse('maxRtt', `The connection is slower than ${maxRtt} ms`);
  }

  /** Probes a client and waits at most `timeout`, by default 5 s. */
  protected async probe(
    client: WebSocket,
    timeout: number = PROBE_TIMEOUT,
    failed: FailedDemand,
  ): Promise<void> {
    if (this.gate.isCrowded(client)) {
      this.refuse(failed, 'Too many pending liveness probes');
    }
    try {
      await this.gate.probe(client, timeout);
    } catch (error) {
      if (isGone(error)) this.refuse('open', 'The connection is being closed');
      this.refuse(failed, `The client did not answer within ${timeout} ms`);
    }
  }

  /** Throws the `WsException` for a client that failed a demand. */
  protected refuse(demand: FailedDemand, message: string): never {
    throw new WsException({ status: 'error', message, demand });
  }
}

/** Whether Nest created a guard, and so injected its dependencies. */
export function isInjected(guard: HeartbeatGuard): boolean {
  return Reflect.get(guard, 'gate') !== undefined;
}

/** Whether `@UseGuards()` of a handler or gateway names a subclass, or an instance of one. */
function hasSubclass(target: object): boolean {
  const guards = (Reflect.getMetadata(GUARDS, target) ?? []) as (object | undefined)[];
  return guards.some((guard) => {
    const prototype: unknown = typeof guard === 'function' ? guard.prototype : guard;
    return prototype instanceof HeartbeatGuard && prototype.constructor !== HeartbeatGuard;
  });
}

function isGone(error: unknown): boolean {
  return error instanceof ClientDisconnectedError;
}

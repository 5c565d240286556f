import type { Type } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { WebSocket } from 'ws';
import { ClientDisconnectedError, ProbeTimeoutError } from '../heartbeat.errors.js';
import type { EventBody } from '../connections/heartbeat.events.js';
import { closeOf } from '../connections/closed.connection.js';
import { PROBE_TIMEOUT } from '../heartbeat.constants.js';
import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type {
  DrainReport,
  Eviction,
  EvictionCause,
  HeartbeatEvent,
  Liveness,
} from '../heartbeat.interfaces.js';
import type { DrainOptions } from '../heartbeat.options.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import type { ClientUpdate } from '../liveness/client.commands.js';
import type { ClientFilter, ClosedFilter } from '../liveness/client.queries.js';
import type { LivenessService } from '../liveness/liveness.service.js';
import type { GatewayHooks } from '../transport/gateway.hooks.js';
import { createEviction } from './liveness.builders.js';
import { StubClients } from './stub.clients.js';
import type { StubControls } from './stub.controls.js';
import { StubCounts } from './stub.counts.js';

/** The compiler demands each method of `LivenessService`, so that none is missing. */
class Stub implements Pick<LivenessService, keyof LivenessService>, StubControls {
  private readonly subject = new Subject<HeartbeatEvent>();
  readonly events$ = this.subject.asObservable();

  private readonly tracked = new StubClients();
  private readonly counts = new StubCounts();
  private readonly gateways: GatewayHooks[] = [];
  private drained: Promise<DrainReport> | undefined;

  callHooksOf(gateway: object): void {
    this.gateways.push(gateway);
  }

  add(client: object, values: Partial<Liveness> = {}): Liveness {
    const liveness = this.tracked.set(client, values);
    this.counts.onConnected(liveness);
    this.emit({ type: 'connected', client: liveness.client, liveness });
    return liveness;
  }

  set(client: object, values: Partial<Liveness>): Liveness {
    this.tracked.find(client, 'set');
    return this.tracked.set(client, values);
  }

  async suspect(client: object): Promise<void> {
    const liveness = this.set(client, { state: 'suspect', silence: 35_000 });
    this.emit({ type: 'suspect', client: liveness.client, liveness });
    await this.callHooks('handleSuspect', liveness.client, liveness);
  }

  async recover(client: object): Promise<void> {
    const liveness = this.set(client, { state: 'alive', silence: 0 });
    this.emit({ type: 'recovered', client: liveness.client, liveness });
    await this.callHooks('handleRecover', liveness.client, liveness);
  }

  async evict(
    client: object,
    cause: EvictionCause,
    values: Partial<Omit<Eviction, 'cause' | 'liveness'>> = {},
  ): Promise<Eviction> {
    const liveness = this.tracked.find(client, 'evict');
    const eviction = createEviction({ ...values, cause, liveness });
    this.counts.onEviction(eviction);
    if (!eviction.dryRun) this.set(client, { state: 'evicted', eviction });
    this.emit({ type: 'evicted', client: liveness.client, eviction });
    if (!eviction.dryRun) await this.callHooks('handleEvict', liveness.client, eviction);
    return eviction;
  }

  close(client: object, how: { code?: number; reason?: string; by?: ClosedBy } = {}): void {
    const { state, eviction } = this.tracked.find(client, 'close');
    if (state === 'closed') return;
    const usual = closeOf({ eviction, closeOrigin: undefined }, how.code ?? 1000, how.reason ?? '');
    const close = { ...usual, ...how };
    const { by, code, reason } = close;
    const liveness = this.tracked.close(client, close);
    this.counts.onClosed(by);
    this.emit({
      type: 'disconnected',
      client: liveness.client,
      liveness,
      code,
      reason,
      ...(eviction && { eviction }),
    });
  }

  emit(event: EventBody): void {
    this.subject.next({ at: Date.now(), ...event });
  }

  get size(): number {
    return [...this.clients()].length;
  }

  get(client: WebSocket): Liveness | undefined {
    return this.tracked.get(client);
  }

  isAlive(client: WebSocket): boolean {
    const state = this.get(client)?.state;
    return state === 'alive' || state === 'suspect';
  }

  clients(filter: ClientFilter = {}): IterableIterator<Liveness> {
    return this.tracked.select(filter);
  }

  history(filter: ClosedFilter = {}): ClosedConnection[] {
    return this.tracked.history(filter);
  }

  /** Resolves with the last round trip of the client. A client without one does not answer: rejects at once. */
  async probe(client: WebSocket, timeout: number = PROBE_TIMEOUT): Promise<number> {
    const { rtt } = this.tracked.find(client, 'probe');
    if (!this.isAlive(client)) throw new ClientDisconnectedError();
    if (rtt === undefined) throw new ProbeTimeoutError(timeout);
    return rtt.last;
  }

  admit(client: WebSocket, label?: string): void {
    this.change(client, 'admit', { admitted: true, ...(label !== undefined && { label }) });
  }

  touch(client: WebSocket): void {
    this.change(client, 'touch', { silence: 0, applicationSilence: 0, idle: 0 });
  }

  pause(client: WebSocket): void {
    this.change(client, 'pause', { paused: true });
  }

  resume(client: WebSocket): void {
    this.change(client, 'resume', { paused: false });
  }

  update(client: WebSocket, { interval, timeout }: ClientUpdate): void {
    this.change(client, 'update', {
      ...(interval !== undefined && { interval }),
      ...(timeout !== undefined && { timeout }),
    });
  }

  /** Evicts the client with the cause `requested`. What a hook throws is an unhandled rejection. */
  disconnect(client: WebSocket, options: { code?: number; reason?: string } = {}): void {
    this.tracked.find(client, 'disconnect');
    if (this.isAlive(client)) void this.evict(client, 'requested', options);
  }

  /** Monitors nothing. */
  watch(): () => void {
    return () => {};
  }

  /** Evicts all clients with the cause `drain` and closes them. Rejects with what a hook throws. */
  drain({ within = 0 }: DrainOptions = {}): Promise<DrainReport> {
    return (this.drained ??= this.drainAll(within));
  }

  snapshot(): HeartbeatSnapshot {
    return this.counts.snapshot([...this.clients()], this.drained !== undefined);
  }

  private async drainAll(within: number): Promise<DrainReport> {
    const clients = [...this.clients()];
    this.emit({ type: 'draining', clients: clients.length, within });
    await Promise.all(clients.map(({ client }) => this.evict(client, 'drain')));
    for (const { client } of clients) this.close(client);
    return { closed: clients.length, terminated: 0, duration: 0 };
  }

  private change(client: WebSocket, method: string, values: Partial<Liveness>): void {
    if (this.tracked.find(client, method).state !== 'closed') this.set(client, values);
  }

  private async callHooks(hook: keyof GatewayHooks, client: WebSocket, subject: unknown) {
    for (const gateway of this.gateways) {
      const method = gateway[hook] as
        ((client: WebSocket, subject: unknown) => unknown) | undefined;
      await method?.call(gateway, client, subject);
    }
  }
}

/**
 * A `LivenessService` for unit tests: without a server, without time. A test adds clients, any objects, and decides what
 * happens to them. A `LivenessService` for the compiler, too.
 *
 * @publicApi
 */
export type LivenessServiceStub = LivenessService & StubControls;

/**
 * Creates a `LivenessServiceStub`: by `new`, or as `{ provide: LivenessService, useClass: LivenessServiceStub }`.
 *
 * @publicApi
 */
export const LivenessServiceStub = Stub as unknown as Type<LivenessServiceStub>;

import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { Subject } from 'rxjs';
import type { GatewayHooks } from '../transport/gateway.hooks.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { logger } from '../heartbeat.logger.js';
import { show } from '../heartbeat.text.js';
import type { HeartbeatEvent } from '../heartbeat.interfaces.js';
import { PendingHooks } from './pending.hooks.js';
import { callIsolated } from './start.context.js';

/** An event without its time. */
export type EventBody = HeartbeatEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at'>
    : never
  : never;

/** Reports events to the application: to all subscribers of `events$`, and to the hooks of the gateways concerned. */
@Injectable()
export class HeartbeatEvents {
  private readonly subject = new Subject<HeartbeatEvent>();
  readonly events$ = this.subject.asObservable();
  /** Promises of `handleEvict()`, which shutdown waits for. */
  readonly pendingEvictHooks: PendingHooks;

  constructor(@Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock) {
    this.pendingEvictHooks = new PendingHooks(clock);
  }

  /** Emits the event that `body` creates. Without a subscriber `body` is not called. */
  emit(body: () => EventBody): void {
    if (!this.subject.observed) return;
    const event = { at: this.clock.wallTime(), ...body() };
    callIsolated(() => this.subject.next(event));
  }

  /** Whether one of the gateways of a connection has a hook. */
  hasHook(connection: WsConnection, hook: keyof GatewayHooks): boolean {
    return connection.server.gateways.some(({ hooks }) => typeof hooks?.[hook] === 'function');
  }

  /** Calls a hook on every gateway of a connection. Errors are logged. */
  call(connection: WsConnection, hook: keyof GatewayHooks, subject: () => unknown): void {
    if (!this.hasHook(connection, hook)) return;
    const argument = subject();
    for (const { name, hooks } of connection.server.gateways) {
      const method = hooks?.[hook] as ((client: unknown, argument: unknown) => unknown) | undefined;
      if (typeof method !== 'function') continue;
      const log = (error: unknown) => this.logHookError(`${name}.${hook}()`, error);
      try {
        const result = callIsolated(() => method.call(hooks, connection.client, argument));
        const promise = Promise.resolve(result).catch(log);
        if (hook === 'handleEvict') this.pendingEvictHooks.add(promise);
      } catch (error) {
        log(error);
      }
    }
  }

  complete(): void {
    this.subject.complete();
  }

  private logHookError(hook: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : show(error);
    logger.error(`${hook} failed: ${reason}`, error instanceof Error ? error.stack : undefined);
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { GatewayHooks } from '../gateway/gateway.hooks.js';
import type { WsConnection } from '../gateway/ws.connection.js';
import { show } from '../heartbeat.errors.js';
import type { HeartbeatEvent } from '../heartbeat.interfaces.js';

type EventBody = HeartbeatEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at'>
    : never
  : never;

/** Tells the application what happens: `events$` for everybody, hooks for the gateways concerned. */
@Injectable()
export class HeartbeatEvents {
  private readonly logger = new Logger('HeartbeatModule');
  private readonly subject = new Subject<HeartbeatEvent>();
  readonly events$ = this.subject.asObservable();

  /** Emits what `body` makes, which is not asked where nobody listens. */
  emit(body: () => EventBody): void {
    if (this.subject.observed) this.subject.next({ at: Date.now(), ...body() });
  }

  /** Whether one of the gateways of a connection has a hook. */
  hasHook(connection: WsConnection, hook: keyof GatewayHooks): boolean {
    return connection.server.gateways.some(({ hooks }) => typeof hooks?.[hook] === 'function');
  }

  /** Calls a hook on every gateway of a connection. What one throws disturbs nobody else. */
  call(connection: WsConnection, hook: keyof GatewayHooks, subject: () => unknown): void {
    if (!this.hasHook(connection, hook)) return;
    const argument = subject();
    for (const { name, hooks } of connection.server.gateways) {
      const method = hooks?.[hook] as ((client: unknown, argument: unknown) => unknown) | undefined;
      if (typeof method !== 'function') continue;
      const log = (error: unknown) => this.logHookError(`${name}.${hook}()`, error);
      try {
        Promise.resolve(method.call(hooks, connection.client, argument)).catch(log);
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
    this.logger.error(
      `${hook} failed: ${reason}`,
      error instanceof Error ? error.stack : undefined,
    );
  }
}

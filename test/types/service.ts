import type { Type } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import type {
  DrainOptions,
  DrainReport,
  Eviction,
  EvictionCause,
  GatewaySnapshot,
  HeartbeatEvent,
  HeartbeatOptions,
  HeartbeatSnapshot,
  HeartbeatTotals,
  Liveness,
  LivenessService,
  LivenessState,
  RoundTripTimes,
} from 'nestjs-heartbeat';
import type { Observable } from 'rxjs';
import type { WebSocket, WebSocketServer } from 'ws';

// --- the methods

type Updatable = 'interval' | 'timeout' | 'idleTimeout' | 'maxLifetime' | 'liveness';

/** Without the private members, which have no equal. */
type Face<T> = Pick<T, keyof T>;

expectTypeOf<Face<LivenessService>>().toEqualTypeOf<{
  readonly size: number;
  readonly events$: Observable<HeartbeatEvent>;
  get(client: WebSocket): Liveness | undefined;
  isAlive(client: WebSocket): boolean;
  clients(filter?: { gateway?: Type | string; state?: LivenessState }): IterableIterator<Liveness>;
  probe(client: WebSocket, timeout?: number): Promise<number>;
  admit(client: WebSocket): void;
  touch(client: WebSocket): void;
  pause(client: WebSocket): void;
  resume(client: WebSocket): void;
  update(client: WebSocket, options: Pick<HeartbeatOptions, Updatable>): void;
  disconnect(client: WebSocket, reason?: string): void;
  watch(server: WebSocketServer, options?: HeartbeatOptions): () => void;
  drain(options?: DrainOptions): Promise<DrainReport>;
  snapshot(): HeartbeatSnapshot;
}>();

export function misuse(liveness: LivenessService, client: WebSocket): void {
  // @ts-expect-error -- the size is not the application's to set
  liveness.size = 0;
  // @ts-expect-error -- clients are named by their socket, not by an id
  liveness.get('id');
  // @ts-expect-error -- `event` is settled when a client connects
  liveness.update(client, { event: 'beat' });
  // @ts-expect-error -- there is no such state
  liveness.clients({ state: 'dead' });
}

// --- what they return

expectTypeOf<LivenessState>().toEqualTypeOf<'alive' | 'suspect' | 'evicted'>();
expectTypeOf<Liveness>().toEqualTypeOf<{
  readonly id: string;
  readonly client: WebSocket;
  readonly gateways: readonly string[];
  readonly state: LivenessState;
  readonly connectedAt: number;
  readonly remoteAddress: string | undefined;
  readonly silence: number;
  readonly applicationSilence: number;
  readonly idle: number;
  readonly admitted: boolean;
  readonly paused: boolean;
  readonly rtt: RoundTripTimes | undefined;
}>();
expectTypeOf<RoundTripTimes>().toEqualTypeOf<{
  readonly last: number;
  readonly smoothed: number;
  readonly variation: number;
  readonly min: number;
}>();
expectTypeOf<EvictionCause>().toEqualTypeOf<
  | 'unresponsive'
  | 'idle'
  | 'expired'
  | 'unadmitted'
  | 'flooding'
  | 'slow-consumer'
  | 'drain'
  | 'requested'
>();
expectTypeOf<Eviction>().toEqualTypeOf<{
  readonly cause: EvictionCause;
  readonly code: number;
  readonly reason: string;
  readonly liveness: Liveness;
  readonly bufferedBytes: number;
  readonly loopDelay: number;
  readonly observed: boolean;
}>();
expectTypeOf<DrainReport>().toEqualTypeOf<{
  readonly closed: number;
  readonly terminated: number;
  readonly duration: number;
}>();
expectTypeOf<HeartbeatSnapshot>().toEqualTypeOf<{
  readonly at: number;
  readonly tick: number;
  readonly loopDelay: number;
  readonly draining: boolean;
  readonly totals: HeartbeatTotals;
  readonly gateways: readonly GatewaySnapshot[];
}>();
expectTypeOf<HeartbeatTotals>().toEqualTypeOf<{
  readonly connected: number;
  readonly disconnected: number;
  readonly pings: number;
  readonly suppressed: number;
  readonly stalls: number;
  readonly evicted: Readonly<Record<EvictionCause, number>>;
}>();
expectTypeOf<GatewaySnapshot>().toEqualTypeOf<{
  readonly name: string;
  readonly policy: Required<HeartbeatOptions>;
  readonly alive: number;
  readonly suspect: number;
  readonly evicted: number;
}>();

// --- the events: `type` tells them apart

type EventOf<T extends HeartbeatEvent['type']> = Extract<HeartbeatEvent, { readonly type: T }>;

expectTypeOf<HeartbeatEvent['at']>().toBeNumber();
expectTypeOf<HeartbeatEvent['type']>().toEqualTypeOf<
  'connected' | 'suspect' | 'recovered' | 'evicted' | 'disconnected' | 'stalled' | 'draining'
>();
expectTypeOf<EventOf<'evicted'>['eviction']>().toEqualTypeOf<Eviction>();
expectTypeOf<EventOf<'evicted'>['client']>().toEqualTypeOf<WebSocket>();
expectTypeOf<EventOf<'disconnected'>>()
  .pick<'client' | 'liveness' | 'code' | 'reason' | 'eviction'>()
  .toEqualTypeOf<{
    readonly client: WebSocket;
    readonly liveness: Liveness;
    readonly code: number;
    readonly reason: string;
    readonly eviction?: Eviction;
  }>();
expectTypeOf<EventOf<'stalled'>['duration']>().toBeNumber();
expectTypeOf<EventOf<'draining'>['clients']>().toBeNumber();
expectTypeOf<EventOf<'draining'>['within']>().toBeNumber();

export function tell(event: HeartbeatEvent): string {
  switch (event.type) {
    case 'connected':
    case 'suspect':
    case 'recovered':
      return `${event.liveness.id} at ${event.at}`;
    case 'evicted':
      return event.eviction.cause;
    case 'disconnected':
      return event.eviction?.cause ?? event.reason;
    case 'stalled':
      return `${event.duration} ms`;
    case 'draining':
      return `${event.clients} clients within ${event.within} ms`;
  }
}

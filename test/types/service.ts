import type { Type } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import type {
  ClosedBy,
  ClosedConnection,
  DrainOptions,
  DrainReport,
  Eviction,
  EvictionCause,
  HeartbeatEvent,
  HeartbeatOptions,
  HeartbeatPolicy,
  HeartbeatSnapshot,
  HeartbeatTotals,
  Liveness,
  LivenessService,
  LivenessState,
  RoundTripBuckets,
  RoundTripTimes,
  ServerSnapshot,
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
  history(filter?: {
    gateway?: Type | string;
    cause?: EvictionCause;
    by?: ClosedBy;
    limit?: number;
  }): ClosedConnection[];
  probe(client: WebSocket, timeout?: number): Promise<number>;
  admit(client: WebSocket, label?: string): void;
  touch(client: WebSocket): void;
  pause(client: WebSocket): void;
  resume(client: WebSocket): void;
  update(client: WebSocket, options: Pick<HeartbeatOptions, Updatable>): void;
  disconnect(client: WebSocket, options?: { code?: number; reason?: string }): void;
  watch(server: WebSocketServer, options?: HeartbeatOptions & { name?: string }): () => void;
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
  // @ts-expect-error -- the reason is an option
  liveness.disconnect(client, 'reason');
}

// --- what they return

expectTypeOf<LivenessState>().toEqualTypeOf<'alive' | 'suspect' | 'evicted' | 'closed'>();
expectTypeOf<Liveness>().toEqualTypeOf<{
  readonly id: string;
  readonly label?: string;
  readonly client: WebSocket;
  readonly gateways: readonly string[];
  readonly state: LivenessState;
  readonly connectedAt: number;
  readonly remoteAddress: string | undefined;
  readonly silence: number;
  readonly applicationSilence: number;
  readonly idle: number;
  readonly bufferedBytes: number;
  readonly interval: number;
  readonly timeout: number;
  readonly admitted: boolean;
  readonly paused: boolean;
  readonly rtt: RoundTripTimes | undefined;
  readonly eviction?: Eviction;
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
  readonly level?: 'transport' | 'application';
  readonly code: number;
  readonly reason: string;
  readonly liveness: Liveness;
  readonly bufferedBytes: number;
  readonly loopDelay: number;
  readonly dryRun: boolean;
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
  readonly lastTickAt: number;
  readonly draining: boolean;
  readonly totals: HeartbeatTotals;
  readonly roundTrips: RoundTripBuckets;
  readonly servers: readonly ServerSnapshot[];
}>();
expectTypeOf<HeartbeatTotals>().toEqualTypeOf<{
  readonly connected: number;
  readonly disconnected: number;
  readonly closedBy: Readonly<Record<ClosedBy, number>>;
  readonly pings: number;
  readonly suppressed: number;
  readonly stalls: number;
  readonly stalledFor: number;
  readonly evicted: Readonly<Record<EvictionCause, number>>;
  readonly dryRun: Readonly<Record<EvictionCause, number>>;
}>();
expectTypeOf<RoundTripBuckets>().toEqualTypeOf<{
  readonly upTo: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}>();
expectTypeOf<ClosedBy>().toEqualTypeOf<'server' | 'client' | 'application' | 'network'>();
expectTypeOf<ClosedConnection>().toEqualTypeOf<{
  readonly id: string;
  readonly label?: string;
  readonly gateways: readonly string[];
  readonly remoteAddress?: string;
  readonly connectedAt: number;
  readonly closedAt: number;
  readonly by: ClosedBy;
  readonly cause?: EvictionCause;
  readonly level?: 'transport' | 'application';
  readonly code: number;
  readonly reason: string;
  readonly silence: number;
  readonly applicationSilence: number;
  readonly idle: number;
  readonly bufferedBytes: number;
  readonly loopDelay: number;
  readonly timeout: number;
  readonly rtt?: RoundTripTimes;
}>();
expectTypeOf<ServerSnapshot>().toEqualTypeOf<{
  readonly name: string;
  readonly gateways: readonly string[];
  readonly policy: HeartbeatPolicy;
  readonly alive: number;
  readonly suspect: number;
  readonly evicted: number;
}>();

// --- the events: `type` tells them apart

type EventOf<T extends HeartbeatEvent['type']> = Extract<HeartbeatEvent, { readonly type: T }>;

expectTypeOf<HeartbeatEvent['at']>().toBeNumber();
expectTypeOf<HeartbeatEvent['type']>().toEqualTypeOf<
  | 'connected'
  | 'suspect'
  | 'recovered'
  | 'evicted'
  | 'disconnected'
  | 'unwatched'
  | 'stalled'
  | 'draining'
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
expectTypeOf<EventOf<'unwatched'>>()
  .pick<'client' | 'liveness'>()
  .toEqualTypeOf<{ readonly client: WebSocket; readonly liveness: Liveness }>();
expectTypeOf<EventOf<'stalled'>['duration']>().toBeNumber();
expectTypeOf<EventOf<'draining'>['clients']>().toBeNumber();
expectTypeOf<EventOf<'draining'>['within']>().toBeNumber();

export function describe(event: HeartbeatEvent): string {
  switch (event.type) {
    case 'connected':
    case 'suspect':
    case 'recovered':
    case 'unwatched':
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

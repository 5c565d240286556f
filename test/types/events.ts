import { expectTypeOf } from 'expect-type';
import type {
  Eviction,
  HeartbeatEvent,
  Liveness,
  OnGatewayEvict,
  OnGatewayRecover,
  OnGatewaySuspect,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';

// The type of an event determines its other fields.
export function describe(event: HeartbeatEvent): number {
  expectTypeOf(event.at).toEqualTypeOf<number>();
  switch (event.type) {
    case 'connected':
    case 'suspect':
    case 'recovered':
      expectTypeOf(event.client).toEqualTypeOf<WebSocket>();
      expectTypeOf(event.liveness).toEqualTypeOf<Liveness>();
      expectTypeOf(event).not.toHaveProperty('eviction');
      return 1;
    case 'evicted':
      expectTypeOf(event.client).toEqualTypeOf<WebSocket>();
      expectTypeOf(event.eviction).toEqualTypeOf<Eviction>();
      return 2;
    case 'disconnected':
      expectTypeOf(event.client).toEqualTypeOf<WebSocket>();
      expectTypeOf(event.liveness).toEqualTypeOf<Liveness>();
      expectTypeOf(event.code).toEqualTypeOf<number>();
      expectTypeOf(event.reason).toEqualTypeOf<string>();
      expectTypeOf(event.eviction).toEqualTypeOf<Eviction | undefined>();
      return 3;
    case 'unwatched':
      expectTypeOf(event.client).toEqualTypeOf<WebSocket>();
      expectTypeOf(event.liveness).toEqualTypeOf<Liveness>();
      expectTypeOf(event).not.toHaveProperty('code');
      return 6;
    case 'stalled':
      expectTypeOf(event.duration).toEqualTypeOf<number>();
      expectTypeOf(event).not.toHaveProperty('client');
      return 4;
    case 'draining':
      expectTypeOf(event.clients).toEqualTypeOf<number>();
      expectTypeOf(event.within).toEqualTypeOf<number>();
      return 5;
    default:
      expectTypeOf(event).toBeNever();
      return 0;
  }
}

// Hooks: awaited or not, with a result or without.
expectTypeOf<OnGatewaySuspect['handleSuspect']>().toEqualTypeOf<
  (client: WebSocket, liveness: Liveness) => unknown
>();
expectTypeOf<OnGatewayRecover['handleRecover']>().toEqualTypeOf<
  (client: WebSocket, liveness: Liveness) => unknown
>();
expectTypeOf<OnGatewayEvict['handleEvict']>().toEqualTypeOf<
  (client: WebSocket, eviction: Eviction) => unknown
>();

export class Gateway implements OnGatewaySuspect, OnGatewayRecover, OnGatewayEvict {
  handleSuspect(): void {}
  async handleRecover(client: WebSocket): Promise<void> {
    client.close();
  }
  handleEvict(_client: WebSocket, { cause }: Eviction): string {
    return cause;
  }
}

import { UseGuards } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { expectTypeOf } from 'expect-type';
import {
  ClientLiveness,
  type Eviction,
  Heartbeat,
  HeartbeatCloseCode,
  HeartbeatGuard,
  type HeartbeatOptions,
  type Liveness,
  type LivenessDemand,
  type OnGatewayEvict,
  type OnGatewayRecover,
  type OnGatewaySuspect,
  RequireLiveness,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';

// --- the decorators, where they belong

@Heartbeat({ interval: 5_000, timeout: 10_000, idleTimeout: 15 * 60_000 })
@WebSocketGateway({ path: '/chat' })
@RequireLiveness({ maxRtt: 500 })
export class ChatGateway implements OnGatewaySuspect, OnGatewayRecover, OnGatewayEvict {
  handleSuspect(_client: WebSocket, _liveness: Liveness): void {}
  async handleRecover(_client: WebSocket, _liveness: Liveness): Promise<void> {}
  handleEvict(_client: WebSocket, _eviction: Eviction): void {}

  @UseGuards(HeartbeatGuard)
  @RequireLiveness({ provenWithin: 2_000, maxRtt: 500 })
  @SubscribeMessage('order')
  order(@ClientLiveness() liveness: Liveness): string {
    return liveness.id;
  }
}

@WebSocketGateway()
@Heartbeat()
export class DefaultGateway {}

@Heartbeat(false)
@WebSocketGateway()
export class ExemptGateway {}

expectTypeOf(Heartbeat).toEqualTypeOf<(options?: HeartbeatOptions | false) => ClassDecorator>();
expectTypeOf(RequireLiveness).toEqualTypeOf<
  (demand: LivenessDemand) => MethodDecorator & ClassDecorator
>();
expectTypeOf(ClientLiveness).toEqualTypeOf<() => ParameterDecorator>();
expectTypeOf<LivenessDemand>().toEqualTypeOf<{
  readonly provenWithin?: number;
  readonly maxRtt?: number;
}>();

// @ts-expect-error -- false exempts, true has no meaning
Heartbeat(true);
// @ts-expect-error -- a module option is no gateway option
Heartbeat({ drain: false });
// @ts-expect-error -- nor is this
Heartbeat({ gateways: 'all' });
// @ts-expect-error -- a demand has to be given
RequireLiveness();

// --- the hooks

expectTypeOf<OnGatewaySuspect['handleSuspect']>().toEqualTypeOf<
  (client: WebSocket, liveness: Liveness) => unknown
>();
expectTypeOf<OnGatewayRecover['handleRecover']>().toEqualTypeOf<
  (client: WebSocket, liveness: Liveness) => unknown
>();
expectTypeOf<OnGatewayEvict['handleEvict']>().toEqualTypeOf<
  (client: WebSocket, eviction: Eviction) => unknown
>();

// --- the close codes

expectTypeOf(HeartbeatCloseCode).toHaveProperty('Restart');
expectTypeOf<keyof typeof HeartbeatCloseCode>().toEqualTypeOf<
  'Flooding' | 'Restart' | 'Unadmitted' | 'HeartbeatTimeout' | 'Idle' | 'PageFrozen' | 'Replaced'
>();
expectTypeOf<HeartbeatCloseCode>().toExtend<number>();

import { expectTypeOf } from 'expect-type';
import {
  withHeartbeat,
  type ClientHeartbeat,
  type HeartbeatBeatEvent,
  type HeartbeatDrainEvent,
  type HeartbeatSilenceEvent,
  type HeartbeatSocket,
  type HeartbeatSocketEventMap,
  type HeartbeatState,
  type WebSocketConstructor,
  type WebSocketLike,
  type WithHeartbeatOptions,
} from 'nestjs-heartbeat/client';
import { WebSocket } from 'undici';

const HeartbeatWebSocket = withHeartbeat(WebSocket, { interval: 1_000 });
type Made = InstanceType<typeof HeartbeatWebSocket>;

expectTypeOf(WebSocket).toExtend<WebSocketConstructor>();
expectTypeOf<WebSocket>().toExtend<WebSocketLike>();

// What it is made of stays what it is: arguments, constants, members, events.
expectTypeOf<Made>().toExtend<WebSocket>();
expectTypeOf<Made>().toExtend<HeartbeatSocket>();
expectTypeOf<ConstructorParameters<typeof HeartbeatWebSocket>>().toEqualTypeOf<
  ConstructorParameters<typeof WebSocket>
>();
expectTypeOf(HeartbeatWebSocket.OPEN).toBeNumber();
export function listen(socket: Made): void {
  socket.addEventListener('message', (event) => expectTypeOf(event.data).toBeAny());
  socket.addEventListener('close', (event) => expectTypeOf(event.code).toBeNumber());
  socket.addEventListener('heartbeat:beat', (event) =>
    expectTypeOf(event).toEqualTypeOf<HeartbeatBeatEvent>(),
  );
  socket.addEventListener('heartbeat:suspect', (event) =>
    expectTypeOf(event).toEqualTypeOf<HeartbeatSilenceEvent>(),
  );
  socket.addEventListener('heartbeat:dead', (event) => expectTypeOf(event.silence).toBeNumber());
  socket.addEventListener('heartbeat:drain', (event) =>
    expectTypeOf(event).toEqualTypeOf<HeartbeatDrainEvent>(),
  );
}

expectTypeOf<
  keyof HeartbeatSocketEventMap
>().toEqualTypeOf<`heartbeat:${'beat' | 'suspect' | 'dead' | 'drain'}`>();
expectTypeOf<HeartbeatSocket['probe']>().toEqualTypeOf<(timeout?: number) => Promise<number>>();
expectTypeOf<HeartbeatSocket['heartbeat']>().toEqualTypeOf<ClientHeartbeat>();
expectTypeOf<HeartbeatState>().toEqualTypeOf<'plain' | 'alive' | 'suspect' | 'dead'>();
expectTypeOf<ClientHeartbeat>().toEqualTypeOf<{
  readonly state: HeartbeatState;
  readonly id: string | undefined;
  readonly rtt: number | undefined;
  readonly offset: number | undefined;
  readonly silence: number;
  serverNow(): number;
}>();
expectTypeOf<WithHeartbeatOptions>().toEqualTypeOf<{
  readonly event?: string;
  readonly hello?: boolean;
  readonly helloTimeout?: number;
  readonly probeTimeout?: number;
  readonly closeOnFreeze?: boolean;
  readonly interval?: number;
  readonly timeout?: number;
}>();
// @ts-expect-error Not an option.
withHeartbeat(WebSocket, { patience: 1 });

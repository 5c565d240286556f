import { expectTypeOf } from 'expect-type';
import type {
  HeartbeatBeatEvent,
  HeartbeatDrainEvent,
  WebSocketConstructor,
  WithHeartbeatOptions,
} from 'nestjs-heartbeat/client';
import {
  connect,
  type ConnectionEnd,
  type ConnectionRetry,
  type ConnectionStatus,
  type ConnectOptions,
  type ConnectUrl,
  type LiveConnection,
  type LiveConnectionEvents,
  type LiveSocket,
} from 'nestjs-heartbeat/client/reconnect';

expectTypeOf(connect).toEqualTypeOf<
  (url: ConnectUrl, options?: ConnectOptions) => LiveConnection
>();
expectTypeOf<ConnectUrl>().toEqualTypeOf<string | (() => string | Promise<string>)>();
expectTypeOf<ConnectOptions>().toExtend<WithHeartbeatOptions>();
expectTypeOf<Omit<ConnectOptions, keyof WithHeartbeatOptions>>().toEqualTypeOf<{
  readonly protocols?: string | string[];
  readonly WebSocket?: WebSocketConstructor;
  readonly baseDelay?: number;
  readonly maxDelay?: number;
  readonly stableAfter?: number;
  readonly connectTimeout?: number;
  readonly isTerminal?: (code: number) => boolean;
  readonly maxBuffered?: number;
}>();
expectTypeOf<LiveConnection['status']>().toEqualTypeOf<ConnectionStatus>();
expectTypeOf<ConnectionStatus>().toEqualTypeOf<'connecting' | 'open' | 'waiting' | 'closed'>();
expectTypeOf<LiveConnection['socket']>().toEqualTypeOf<LiveSocket>();
expectTypeOf<LiveConnection['probe']>().toEqualTypeOf<() => Promise<number>>();
expectTypeOf<LiveConnection['reconnectNow']>().toEqualTypeOf<() => void>();
expectTypeOf<LiveConnection['close']>().toEqualTypeOf<(code?: number, reason?: string) => void>();
expectTypeOf<LiveConnectionEvents>().toEqualTypeOf<{
  up: Record<string, never>;
  down: ConnectionEnd;
  retry: ConnectionRetry;
  ended: ConnectionEnd;
  drain: HeartbeatDrainEvent;
  beat: HeartbeatBeatEvent;
}>();
expectTypeOf<ConnectionEnd>().toEqualTypeOf<{ readonly code: number; readonly reason: string }>();
expectTypeOf<ConnectionRetry>().toEqualTypeOf<{
  readonly attempt: number;
  readonly delay: number;
}>();

export function listen(connection: LiveConnection): () => void {
  connection.send('text');
  connection.send(new Uint8Array(1));
  connection.socket.addEventListener('message', ({ data }) => expectTypeOf(data).toBeUnknown());
  return connection.on('down', (end) => expectTypeOf(end).toEqualTypeOf<ConnectionEnd>());
}

import type { ConfigurableModuleAsyncOptions, DynamicModule } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import {
  Heartbeat,
  HeartbeatModule,
  InjectHeartbeatOptions,
  type BacklogLimit,
  type ClientHeartbeatFunction,
  type DrainOptions,
  type DrainPolicy,
  type HeartbeatLimits,
  type HeartbeatLimitValues,
  type HeartbeatModuleAsyncOptions,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
  type HeartbeatOptionsFactory,
  type HeartbeatPolicy,
  type NegotiationPolicy,
  type RateLimit,
  type ResolvedHeartbeatOptions,
} from 'nestjs-heartbeat';

/** An interface as a plain object type, to compare its fields regardless of its name. */
type Flat<T> = { [Key in keyof T]: T[Key] };

// What a gateway may set for itself.
expectTypeOf<Flat<HeartbeatOptions>>().toEqualTypeOf<{
  interval?: number;
  timeout?: number;
  liveness?: 'transport' | 'application';
  idleTimeout?: number | false;
  maxLifetime?: number | false;
  admissionTimeout?: number | false;
  event?: string | false;
  closeTimeout?: number;
  clientHeartbeats?: Record<string, string> | ClientHeartbeatFunction;
  negotiation?: { minInterval?: number; minTimeout?: number } | false;
  limits?: HeartbeatLimits | false;
  dryRun?: boolean;
}>();

// What holds for the module alone.
expectTypeOf<HeartbeatModuleOptions>().toExtend<HeartbeatOptions>();
expectTypeOf<Flat<Omit<HeartbeatModuleOptions, keyof HeartbeatOptions>>>().toEqualTypeOf<{
  gateways?: 'all' | 'decorated';
  drain?: DrainOptions | false;
  history?: number;
}>();
expectTypeOf<Flat<DrainOptions>>().toEqualTypeOf<{ within?: number }>();
expectTypeOf<Flat<HeartbeatLimits>>().toEqualTypeOf<{
  pings?: RateLimit | false;
  pongs?: RateLimit | false;
  messages?: RateLimit | false;
  backlog?: { stalled?: number; max?: number } | false;
}>();
expectTypeOf<RateLimit>().toEqualTypeOf<{ readonly rate: number; readonly burst: number }>();
expectTypeOf<Flat<BacklogLimit>>().toEqualTypeOf<{
  readonly stalled: number;
  readonly max: number;
}>();
expectTypeOf<Flat<NegotiationPolicy>>().toEqualTypeOf<{
  readonly minInterval: number;
  readonly minTimeout: number;
}>();
expectTypeOf<ClientHeartbeatFunction>().toEqualTypeOf<
  (message: Buffer, isBinary: boolean) => string | Uint8Array | true | undefined
>();

// With nothing left open, as it is injected.
expectTypeOf<Flat<Omit<HeartbeatPolicy, 'limits' | 'negotiation'>>>().toEqualTypeOf<
  Readonly<Required<Flat<Omit<HeartbeatOptions, 'limits' | 'negotiation'>>>>
>();
expectTypeOf<HeartbeatPolicy['limits']>().toEqualTypeOf<HeartbeatLimitValues | false>();
expectTypeOf<HeartbeatPolicy['negotiation']>().toEqualTypeOf<NegotiationPolicy | false>();
expectTypeOf<Flat<HeartbeatLimitValues>>().toEqualTypeOf<{
  readonly pings: RateLimit | false;
  readonly pongs: RateLimit | false;
  readonly messages: RateLimit | false;
  readonly backlog: BacklogLimit | false;
}>();
expectTypeOf<Flat<DrainPolicy>>().toEqualTypeOf<{ readonly within: number }>();
expectTypeOf<ResolvedHeartbeatOptions>().toExtend<HeartbeatPolicy>();
expectTypeOf<ResolvedHeartbeatOptions['gateways']>().toEqualTypeOf<'all' | 'decorated'>();
expectTypeOf<ResolvedHeartbeatOptions['drain']>().toEqualTypeOf<DrainPolicy | false>();
expectTypeOf(InjectHeartbeatOptions).toEqualTypeOf<() => ParameterDecorator>();

// The module.
expectTypeOf(HeartbeatModule.forRoot).toEqualTypeOf<
  (options?: HeartbeatModuleOptions) => DynamicModule
>();
expectTypeOf(HeartbeatModule.forRootAsync).toEqualTypeOf<
  (options: HeartbeatModuleAsyncOptions) => DynamicModule
>();
expectTypeOf<HeartbeatModuleAsyncOptions>().toExtend<
  ConfigurableModuleAsyncOptions<HeartbeatModuleOptions, 'createHeartbeatOptions'>
>();
expectTypeOf<HeartbeatOptionsFactory['createHeartbeatOptions']>().toEqualTypeOf<
  () => HeartbeatModuleOptions | Promise<HeartbeatModuleOptions>
>();
HeartbeatModule.forRoot();
HeartbeatModule.forRoot({
  interval: 5_000,
  limits: { pings: { rate: 1, burst: 2 } },
  drain: false,
});
HeartbeatModule.forRootAsync({ useFactory: async () => ({ timeout: 90_000 }) });
// @ts-expect-error times are numbers
HeartbeatModule.forRoot({ interval: '5000' });
// @ts-expect-error there is no such option
HeartbeatModule.forRoot({ intervall: 5_000 });
// @ts-expect-error a timeout cannot be turned off
HeartbeatModule.forRoot({ timeout: false });
// @ts-expect-error limits have both numbers
HeartbeatModule.forRoot({ limits: { pings: { rate: 1 } } });
// @ts-expect-error a factory gives options
HeartbeatModule.forRootAsync({ useFactory: () => 5 });

// The decorator.
expectTypeOf(Heartbeat).toEqualTypeOf<(options?: HeartbeatOptions | false) => ClassDecorator>();
Heartbeat();
Heartbeat(false);
// @ts-expect-error only the module drains
Heartbeat({ drain: false });
// @ts-expect-error true is no policy
Heartbeat(true);

import type { DynamicModule } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import {
  type BacklogLimit,
  type ClientHeartbeatFunction,
  type DrainOptions,
  type DrainPolicy,
  HeartbeatModule,
  type HeartbeatLimits,
  type HeartbeatLimitValues,
  type HeartbeatModuleAsyncOptions,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
  type HeartbeatOptionsFactory,
  type HeartbeatPolicy,
  InjectHeartbeatOptions,
  type NegotiationPolicy,
  type RateLimit,
  type ResolvedHeartbeatOptions,
} from 'nestjs-heartbeat';

// --- forRoot()

expectTypeOf<typeof HeartbeatModule.forRoot>().parameters.toEqualTypeOf<
  [options?: HeartbeatModuleOptions | undefined]
>();
expectTypeOf<typeof HeartbeatModule.forRoot>().returns.toEqualTypeOf<DynamicModule>();

HeartbeatModule.forRoot();
HeartbeatModule.forRoot({});
HeartbeatModule.forRoot({
  interval: 25_000,
  timeout: 45_000,
  liveness: 'application',
  idleTimeout: 60_000,
  maxLifetime: false,
  admissionTimeout: false,
  event: false,
  clientHeartbeats: { ping: 'pong' },
  negotiation: { minInterval: 2_000 },
  closeTimeout: 2_000,
  limits: { pings: { rate: 10, burst: 60 }, pongs: false, backlog: { max: 1_000_000 } },
  dryRun: true,
  gateways: 'decorated',
  drain: { within: 10_000 },
});
HeartbeatModule.forRoot({ limits: false, drain: false, negotiation: false });
HeartbeatModule.forRoot({
  clientHeartbeats: (message, isBinary) =>
    isBinary ? message.subarray(1) : message.length === 1 || undefined,
});
// @ts-expect-error -- a promise is no reply
HeartbeatModule.forRoot({ clientHeartbeats: async () => 'pong' });

// @ts-expect-error -- milliseconds are numbers
HeartbeatModule.forRoot({ interval: '25s' });
// @ts-expect-error -- an option is omitted, not set to `undefined`
HeartbeatModule.forRoot({ interval: undefined });
// @ts-expect-error -- there is no such option
HeartbeatModule.forRoot({ pingInterval: 25_000 });
// @ts-expect-error -- `interval` cannot be turned off
HeartbeatModule.forRoot({ interval: false });
// @ts-expect-error -- nor is there a third level of liveness
HeartbeatModule.forRoot({ liveness: 'session' });
// @ts-expect-error -- a rate needs its burst
HeartbeatModule.forRoot({ limits: { pings: { rate: 10 } } });

// --- forRootAsync()

expectTypeOf<typeof HeartbeatModule.forRootAsync>().parameters.toEqualTypeOf<
  [options: HeartbeatModuleAsyncOptions]
>();
expectTypeOf<typeof HeartbeatModule.forRootAsync>().returns.toEqualTypeOf<DynamicModule>();

class Settings implements HeartbeatOptionsFactory {
  async createHeartbeatOptions(): Promise<HeartbeatModuleOptions> {
    return { interval: 5_000 };
  }
}
HeartbeatModule.forRootAsync({ useClass: Settings });
HeartbeatModule.forRootAsync({ useExisting: Settings, imports: [] });
HeartbeatModule.forRootAsync({ inject: [Settings], useFactory: () => ({ interval: 5_000 }) });
HeartbeatModule.forRootAsync({ useFactory: async () => ({ drain: false }) });
// @ts-expect-error -- the factory has to make options
HeartbeatModule.forRootAsync({ useFactory: () => ({ interval: '5s' }) });
// @ts-expect-error -- and the class too
HeartbeatModule.forRootAsync({ useClass: Date });

expectTypeOf<HeartbeatOptionsFactory['createHeartbeatOptions']>().returns.toEqualTypeOf<
  HeartbeatModuleOptions | Promise<HeartbeatModuleOptions>
>();

// --- options

expectTypeOf<HeartbeatOptions>().toEqualTypeOf<{
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
expectTypeOf<HeartbeatModuleOptions>().toExtend<HeartbeatOptions>();
expectTypeOf<HeartbeatModuleOptions>().pick<'gateways' | 'drain'>().toEqualTypeOf<{
  gateways?: 'all' | 'decorated';
  drain?: DrainOptions | false;
}>();
expectTypeOf<DrainOptions>().toEqualTypeOf<{ within?: number }>();
expectTypeOf<HeartbeatLimits>().toEqualTypeOf<{
  pings?: RateLimit | false;
  pongs?: RateLimit | false;
  messages?: RateLimit | false;
  backlog?: { stalled?: number; max?: number } | false;
}>();
expectTypeOf<RateLimit>().toEqualTypeOf<{ readonly rate: number; readonly burst: number }>();
expectTypeOf<BacklogLimit>().toEqualTypeOf<{ readonly stalled: number; readonly max: number }>();
expectTypeOf<NegotiationPolicy>().toEqualTypeOf<{
  readonly minInterval: number;
  readonly minTimeout: number;
}>();
expectTypeOf<ClientHeartbeatFunction>().toEqualTypeOf<
  (message: Buffer, isBinary: boolean) => string | Uint8Array | true | undefined
>();

// --- options with nothing left open

expectTypeOf<Omit<HeartbeatPolicy, 'limits' | 'negotiation'>>().toEqualTypeOf<
  Readonly<Required<Omit<HeartbeatOptions, 'limits' | 'negotiation'>>>
>();
expectTypeOf<HeartbeatPolicy['limits']>().toEqualTypeOf<HeartbeatLimitValues | false>();
expectTypeOf<HeartbeatPolicy['negotiation']>().toEqualTypeOf<NegotiationPolicy | false>();
expectTypeOf<HeartbeatLimitValues>().toEqualTypeOf<{
  readonly pings: RateLimit | false;
  readonly pongs: RateLimit | false;
  readonly messages: RateLimit | false;
  readonly backlog: BacklogLimit | false;
}>();
expectTypeOf<DrainPolicy>().toEqualTypeOf<{ readonly within: number }>();
expectTypeOf<ResolvedHeartbeatOptions>().toExtend<HeartbeatPolicy>();
expectTypeOf<ResolvedHeartbeatOptions>().pick<'gateways' | 'drain'>().toEqualTypeOf<{
  readonly gateways: 'all' | 'decorated';
  readonly drain: DrainPolicy | false;
}>();

expectTypeOf(InjectHeartbeatOptions).toEqualTypeOf<() => ParameterDecorator>();
export class Reader {
  constructor(@InjectHeartbeatOptions() readonly options: ResolvedHeartbeatOptions) {}
}

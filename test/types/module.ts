import type { DynamicModule } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import {
  type BufferLimit,
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
  textReplies: { ping: 'pong' },
  limits: { pings: { rate: 10, burst: 60 } },
  observeOnly: true,
  gateways: 'decorated',
  drain: { within: 10_000 },
});
HeartbeatModule.forRoot({ limits: false, drain: false });

// @ts-expect-error -- milliseconds are numbers
HeartbeatModule.forRoot({ interval: '25s' });
// @ts-expect-error -- left out is left out: `undefined` is no value
HeartbeatModule.forRoot({ interval: undefined });
// @ts-expect-error -- there is no such option
HeartbeatModule.forRoot({ pingInterval: 25_000 });
// @ts-expect-error -- `interval` cannot be turned off
HeartbeatModule.forRoot({ interval: false });
// @ts-expect-error -- nor is there a third level of liveness
HeartbeatModule.forRoot({ liveness: 'session' });
// @ts-expect-error -- a rate without its burst says nothing
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
  textReplies?: Record<string, string>;
  limits?: HeartbeatLimits | false;
  observeOnly?: boolean;
}>();
expectTypeOf<HeartbeatModuleOptions>().toExtend<HeartbeatOptions>();
expectTypeOf<HeartbeatModuleOptions>().pick<'gateways' | 'drain'>().toEqualTypeOf<{
  gateways?: 'all' | 'decorated';
  drain?: DrainOptions | false;
}>();
expectTypeOf<DrainOptions>().toEqualTypeOf<{ within?: number }>();
expectTypeOf<HeartbeatLimits>().toEqualTypeOf<{
  pings?: RateLimit;
  messages?: RateLimit;
  buffer?: BufferLimit;
}>();
expectTypeOf<RateLimit>().toEqualTypeOf<{ rate: number; burst: number }>();
expectTypeOf<BufferLimit>().toEqualTypeOf<{ sustained: number; hard: number }>();

// --- options with nothing left open

expectTypeOf<HeartbeatPolicy>().toEqualTypeOf<Required<HeartbeatOptions>>();
expectTypeOf<HeartbeatLimitValues>().toEqualTypeOf<Required<HeartbeatLimits>>();
expectTypeOf<DrainPolicy>().toEqualTypeOf<{ within: number }>();
expectTypeOf<ResolvedHeartbeatOptions>().toExtend<HeartbeatPolicy>();
expectTypeOf<ResolvedHeartbeatOptions>().pick<'gateways' | 'drain'>().toEqualTypeOf<{
  gateways: 'all' | 'decorated';
  drain: DrainPolicy | false;
}>();

expectTypeOf(InjectHeartbeatOptions).toEqualTypeOf<() => ParameterDecorator>();
export class Reader {
  constructor(@InjectHeartbeatOptions() readonly options: ResolvedHeartbeatOptions) {}
}

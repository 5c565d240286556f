import type { DynamicModule } from '@nestjs/common';
import type { MeterProvider } from '@opentelemetry/api';
import { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { expectTypeOf } from 'expect-type';
import {
  HeartbeatTelemetryModule,
  type HeartbeatTelemetryOptions,
} from 'nestjs-heartbeat/opentelemetry';
import {
  HeartbeatPrometheusModule,
  type HeartbeatPrometheusOptions,
} from 'nestjs-heartbeat/prometheus';
import { register, Registry, type OpenMetricsContentType } from 'prom-client';

expectTypeOf<HeartbeatTelemetryOptions>().toEqualTypeOf<{ meterProvider?: MeterProvider }>();
expectTypeOf<typeof HeartbeatTelemetryModule.forRoot>()
  .parameter(0)
  .toEqualTypeOf<HeartbeatTelemetryOptions | undefined>();
expectTypeOf<typeof HeartbeatTelemetryModule.forRoot>().returns.toEqualTypeOf<DynamicModule>();
HeartbeatTelemetryModule.forRoot({ meterProvider: new SdkMeterProvider() });

expectTypeOf<HeartbeatPrometheusOptions>().toEqualTypeOf<{
  registry?: Registry | Registry<OpenMetricsContentType>;
}>();
expectTypeOf<typeof HeartbeatPrometheusModule.forRoot>()
  .parameter(0)
  .toEqualTypeOf<HeartbeatPrometheusOptions | undefined>();
expectTypeOf<typeof HeartbeatPrometheusModule.forRoot>().returns.toEqualTypeOf<DynamicModule>();
HeartbeatPrometheusModule.forRoot({ registry: register });
HeartbeatPrometheusModule.forRoot({ registry: new Registry<OpenMetricsContentType>() });

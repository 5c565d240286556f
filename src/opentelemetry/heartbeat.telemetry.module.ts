import { Module, type DynamicModule } from '@nestjs/common';
import { checkOption } from '../metrics/option.check.js';
import { HeartbeatTelemetry } from './heartbeat.telemetry.js';
import { TELEMETRY_OPTIONS, type HeartbeatTelemetryOptions } from './telemetry.options.js';

/**
 * Reports the metrics of `HeartbeatModule` to OpenTelemetry: one import, in the root module. Without an SDK it does
 * nothing.
 *
 * @publicApi
 */
@Module({})
export class HeartbeatTelemetryModule {
  /**
   * Reports to the global meter provider, or to the given one.
   *
   * @throws HeartbeatOptionsError for invalid options
   */
  static forRoot(options: HeartbeatTelemetryOptions = {}): DynamicModule {
    checkOption('HeartbeatTelemetryModule.forRoot()', options, {
      key: 'meterProvider',
      method: 'getMeter',
      fix: 'Set a MeterProvider of an OpenTelemetry SDK, or nothing for the global one.',
    });
    return {
      module: HeartbeatTelemetryModule,
      // The hooks of global modules run last at shutdown: the other modules can still flush the final values.
      global: true,
      providers: [{ provide: TELEMETRY_OPTIONS, useValue: options }, HeartbeatTelemetry],
    };
  }
}

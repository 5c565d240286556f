import { Module, type DynamicModule } from '@nestjs/common';
import { checkOption } from '../metrics/option.check.js';
import { HeartbeatPrometheus } from './heartbeat.prometheus.js';
import {
  PROMETHEUS_OPTIONS,
  WHERE,
  type HeartbeatPrometheusOptions,
} from './prometheus.options.js';

/**
 * Registers the metrics of `HeartbeatModule` with prom-client: one import, in the root module. It serves no route: the
 * application serves its registry.
 *
 * @publicApi
 */
@Module({})
export class HeartbeatPrometheusModule {
  /**
   * Registers the metrics in prom-client's `register`, or in the given registry. The application does not start if the
   * registry has one of their names already.
   *
   * @throws HeartbeatOptionsError for invalid options
   */
  static forRoot(options: HeartbeatPrometheusOptions = {}): DynamicModule {
    checkOption(WHERE, options, {
      key: 'registry',
      method: 'registerMetric',
      fix: 'Set a Registry of prom-client, or nothing for its default registry.',
    });
    return {
      module: HeartbeatPrometheusModule,
      // The hooks of global modules run last at shutdown: a scrape during the drain still finds the metrics.
      global: true,
      providers: [{ provide: PROMETHEUS_OPTIONS, useValue: options }, HeartbeatPrometheus],
    };
  }
}

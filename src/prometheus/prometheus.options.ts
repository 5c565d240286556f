import type { OpenMetricsContentType, Registry } from 'prom-client';

/**
 * Options of `HeartbeatPrometheusModule.forRoot()`.
 *
 * @publicApi
 */
export interface HeartbeatPrometheusOptions {
  /** Where the metrics are registered. Default: `register` of prom-client. */
  registry?: Registry | Registry<OpenMetricsContentType>;
}

/** Injection token of the options. */
export const PROMETHEUS_OPTIONS = Symbol('nestjs-heartbeat:prometheus-options');
/** What errors call the place of the options. */
export const WHERE = 'HeartbeatPrometheusModule.forRoot()';

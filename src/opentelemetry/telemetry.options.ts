import type { MeterProvider } from '@opentelemetry/api';

/**
 * Options of `HeartbeatTelemetryModule.forRoot()`.
 *
 * @publicApi
 */
export interface HeartbeatTelemetryOptions {
  /** Makes the instruments. Default: the global one, which has to be registered before the application starts. */
  meterProvider?: MeterProvider;
}

/** Injection token of the options. */
export const TELEMETRY_OPTIONS = Symbol('nestjs-heartbeat:telemetry-options');

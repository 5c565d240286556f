import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { HeartbeatTelemetryModule } from 'nestjs-heartbeat/opentelemetry';
import { ChatGateway } from '../support/chat.gateway.js';
import { parseExposition, type Exposition } from '../support/exposition.js';
import { sendRequest } from '../support/http.js';
import { QUICK, startWith, type MonitoredApp } from '../support/monitored.js';

/** A reader that collects when a test calls it. */
class TestReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A real SDK. */
export interface Sdk {
  readonly meterProvider: ApiMeterProvider;
  /** The metrics of the module's scope. */
  readonly collect: () => Promise<ScopeMetrics | undefined>;
  /** What Prometheus would read from the exporter, over HTTP. */
  readonly scrape: () => Promise<Exposition>;
}

export function createSdk(): Sdk {
  const reader = new TestReader();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [reader, exporter] });
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics.scopeMetrics.find(({ scope }) => scope.name === 'nestjs-heartbeat');
  };
  return { meterProvider, collect, scrape: () => scrapeExporter(exporter) };
}

/** Serves the exporter on a free port for one request. */
async function scrapeExporter(exporter: PrometheusExporter): Promise<Exposition> {
  const server = createServer((request, response) =>
    exporter.getMetricsRequestHandler(request, response),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const { text } = await sendRequest(`ws://127.0.0.1:${port}/metrics`);
    return parseExposition(text);
  } finally {
    server.close();
  }
}

/**
 * Starts an application with a gateway at `/chat` that reports to an SDK, or to the global one. It is closed after the
 * test.
 */
export function startReporting(sdk?: Sdk): Promise<MonitoredApp> {
  const options = sdk && { meterProvider: sdk.meterProvider };
  return startWith({
    imports: [HeartbeatModule.forRoot(QUICK), HeartbeatTelemetryModule.forRoot(options)],
    providers: [ChatGateway],
  });
}

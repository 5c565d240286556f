import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Counter, Gauge, Histogram, Metric } from 'prom-client';
import { ConnectionObservers } from '../connections/connection.observers.js';
import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import { LivenessService } from '../liveness/liveness.service.js';
import { recordDurations } from '../metrics/durations.js';
import {
  CONNECTION_DURATION,
  ROUND_TRIP_DURATION,
  SNAPSHOT_METRICS,
} from '../metrics/heartbeat.metrics.js';
import type { MetricDescription, SnapshotMetric } from '../metrics/metric.interfaces.js';
import { metricName } from './metric.name.js';
import {
  PROMETHEUS_OPTIONS,
  WHERE,
  type HeartbeatPrometheusOptions,
} from './prometheus.options.js';
import { RoundTripHistogram } from './round-trip.histogram.js';

type PromClient = typeof import('prom-client');
type AnyRegistry = NonNullable<HeartbeatPrometheusOptions['registry']>;

/** Registers the metrics while the application runs. */
@Injectable()
export class HeartbeatPrometheus implements OnModuleInit, OnApplicationShutdown {
  private readonly removals: (() => void)[] = [];
  private scraped: HeartbeatSnapshot | undefined;

  constructor(
    @Inject(PROMETHEUS_OPTIONS) private readonly options: HeartbeatPrometheusOptions,
    private readonly liveness: LivenessService,
    private readonly observers: ConnectionObservers,
  ) {}

  async onModuleInit(): Promise<void> {
    const client = await import('prom-client');
    const { registry = client.register } = this.options;
    refuseTakenNames(registry);
    for (const metric of SNAPSHOT_METRICS) this.register(client, registry, metric);
    this.recordDurations(client, registry);
    this.registerRoundTrips(registry);
  }

  onApplicationShutdown(): void {
    for (const remove of this.removals.splice(0)) remove();
  }

  private register(client: PromClient, registry: AnyRegistry, metric: SnapshotMetric): void {
    const samples = () => metric.read(this.snapshot());
    const settings = {
      ...settingsOf(metric, registry),
      // Starts at zero each time: a server that is no longer watched leaves no series.
      collect(this: Counter | Gauge) {
        this.reset();
        for (const { labels, value } of samples()) this.inc(labels, value);
      },
    };
    const isCounter = metric.kind === 'counter';
    const created = isCounter ? new client.Counter(settings) : new client.Gauge(settings);
    this.removeAtShutdown(registry, settings.name, created);
  }

  private recordDurations({ Histogram }: PromClient, registry: AnyRegistry): void {
    const { buckets } = CONNECTION_DURATION;
    const settings = settingsOf(CONNECTION_DURATION, registry);
    const connections = new Histogram({ ...settings, buckets: [...buckets] });
    this.removeAtShutdown(registry, settings.name, connections);
    for (const by of Object.keys(this.snapshot().totals.closedBy))
      connections.zero({ closed_by: by });
    const stop = recordDurations(this.observers, {
      connection: (seconds, by) => connections.observe({ closed_by: by }, seconds),
    });
    this.removals.push(stop);
  }

  private registerRoundTrips(registry: AnyRegistry): void {
    // A registry calls no more of a metric than what this class has.
    const metric = new RoundTripHistogram(() => this.snapshot().roundTrips) as unknown as Histogram;
    registry.registerMetric(metric);
    this.removeAtShutdown(registry, metricName(ROUND_TRIP_DURATION), metric);
  }

  /** The application may have cleared the registry meanwhile, and used the name for another metric. */
  private removeAtShutdown(registry: AnyRegistry, name: string, metric: Metric): void {
    this.removals.push(() => {
      if (registry.getSingleMetric(name) === metric) registry.removeSingleMetric(name);
    });
  }

  /** The same snapshot for all metrics of one scrape, which prom-client collects in one turn of the event loop. */
  private snapshot(): HeartbeatSnapshot {
    if (this.scraped === undefined) {
      this.scraped = this.liveness.snapshot();
      queueMicrotask(() => (this.scraped = undefined));
    }
    return this.scraped;
  }
}

function settingsOf(metric: MetricDescription, registry: AnyRegistry) {
  const { description: help, labels: labelNames } = metric;
  return { name: metricName(metric), help, labelNames, registers: [registry] };
}

/** @throws HeartbeatOptionsError that names the metrics that the registry has already */
function refuseTakenNames(registry: AnyRegistry): void {
  const names = [...SNAPSHOT_METRICS, CONNECTION_DURATION, ROUND_TRIP_DURATION].map(metricName);
  const taken = names.filter((name) => registry.getSingleMetric(name) !== undefined);
  if (taken.length > 0) throw new HeartbeatOptionsError(registryTaken(taken));
}

const registryTaken = (taken: readonly string[]) =>
  `${WHERE}: \`registry\` has ${taken.join(', ')} already. Import the module once, close the other application of this ` +
  'process first, or give each application a registry of its own: { registry: new Registry() } with the Registry of prom-client.';

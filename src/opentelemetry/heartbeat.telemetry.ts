import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type {
  Attributes,
  BatchObservableResult,
  Histogram,
  Meter,
  Observable,
} from '@opentelemetry/api';
import { ConnectionObservers } from '../connections/connection.observers.js';
import { LivenessService } from '../liveness/liveness.service.js';
import { recordDurations } from '../metrics/durations.js';
import {
  CONNECTION_DURATION,
  PREFIX,
  ROUND_TRIP_DURATION,
  SNAPSHOT_METRICS,
} from '../metrics/heartbeat.metrics.js';
import type { DurationMetric, Labels, SnapshotMetric } from '../metrics/metric.interfaces.js';
import { TELEMETRY_OPTIONS, type HeartbeatTelemetryOptions } from './telemetry.options.js';

/** The name of the instrumentation scope. */
const SCOPE = 'nestjs-heartbeat';

/** Reports the metrics while the application runs. */
@Injectable()
export class HeartbeatTelemetry implements OnModuleInit, OnApplicationShutdown {
  private readonly removals: (() => void)[] = [];

  constructor(
    @Inject(TELEMETRY_OPTIONS) private readonly options: HeartbeatTelemetryOptions,
    private readonly liveness: LivenessService,
    private readonly observers: ConnectionObservers,
  ) {}

  /** Not earlier: an instrument that was made before the SDK was registered never reports anything. */
  async onModuleInit(): Promise<void> {
    const { createNoopMeter, metrics } = await import('@opentelemetry/api');
    const provider = this.options.meterProvider ?? metrics.getMeterProvider();
    const meter = provider.getMeter(SCOPE);
    // No SDK is registered.
    if (meter === createNoopMeter()) return;
    this.removals.push(this.observeSnapshots(meter), this.recordDurations(meter));
  }

  onApplicationShutdown(): void {
    for (const remove of this.removals.splice(0)) remove();
  }

  /** One snapshot per collection. Returns a function that stops it. */
  private observeSnapshots(meter: Meter): () => void {
    const instruments = SNAPSHOT_METRICS.map((metric) => ({
      metric,
      instrument: createObservable(meter, metric),
    }));
    const observe = (result: BatchObservableResult) => {
      const snapshot = this.liveness.snapshot();
      for (const { metric, instrument } of instruments) {
        for (const { value, labels } of metric.read(snapshot))
          result.observe(instrument, value, attributesOf(labels));
      }
    };
    const all = instruments.map(({ instrument }) => instrument);
    meter.addBatchObservableCallback(observe, all);
    return () => meter.removeBatchObservableCallback(observe, all);
  }

  private recordDurations(meter: Meter): () => void {
    const connections = createHistogram(meter, CONNECTION_DURATION);
    const roundTrips = createHistogram(meter, ROUND_TRIP_DURATION);
    return recordDurations(this.observers, {
      connection: (seconds, by) => connections.record(seconds, attributesOf({ closed_by: by })),
      roundTrip: (seconds) => roundTrips.record(seconds),
    });
  }
}

function createObservable(meter: Meter, metric: SnapshotMetric): Observable {
  const { kind, name, description, unit = '' } = metric;
  switch (kind) {
    case 'counter':
      return meter.createObservableCounter(name, { description, unit });
    case 'count':
      return meter.createObservableUpDownCounter(name, { description, unit });
    case 'gauge':
      return meter.createObservableGauge(name, { description, unit });
  }
}

function createHistogram(meter: Meter, metric: DurationMetric): Histogram {
  const { name, description, unit, buckets } = metric;
  return meter.createHistogram(name, {
    description,
    unit,
    advice: { explicitBucketBoundaries: [...buckets] },
  });
}

function attributesOf(labels: Labels): Attributes {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [`${PREFIX}.${label}`, value]),
  );
}

import type { Histogram } from 'prom-client';
import type { RoundTripBuckets } from '../heartbeat.snapshot.interfaces.js';
import { ROUND_TRIP_DURATION } from '../metrics/heartbeat.metrics.js';
import { metricName } from './metric.name.js';

type Values = Omit<Awaited<ReturnType<Histogram['get']>>, 'collect'>;

/**
 * The histogram of round trips, made of the counts that a snapshot holds. A `Histogram` of prom-client would observe
 * every pong, which costs several percent of a processor with many clients: docs/PERFORMANCE.md.
 */
export class RoundTripHistogram {
  readonly name = metricName(ROUND_TRIP_DURATION);
  private readonly help = ROUND_TRIP_DURATION.description;

  /** `read`: reads the current counts. */
  constructor(private readonly read: () => RoundTripBuckets) {}

  /** Called for each scrape. */
  get(): Promise<Values> {
    const { name, help } = this;
    const values = valuesOf(name, this.read());
    return Promise.resolve({ name, help, type: HISTOGRAM, aggregator: 'sum', values });
  }

  /** Nothing is reset: like the other metrics, it shows the counts of the module. */
  reset(): void {}
}

/** `MetricType.Histogram`: prom-client exports the enumeration as a type only. */
const HISTOGRAM = 'histogram' as unknown as Values['type'];

function valuesOf(name: string, { upTo, counts, sum }: RoundTripBuckets): Values['values'] {
  let count = 0;
  const buckets = counts.map((inBucket, index) => {
    const limit = upTo[index];
    return {
      metricName: `${name}_bucket`,
      labels: { le: limit === undefined ? '+Inf' : limit / 1_000 },
      value: (count += inBucket),
    };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum / 1_000 },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
}

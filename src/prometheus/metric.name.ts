import type { MetricDescription, SnapshotMetric } from '../metrics/metric.interfaces.js';

/**
 * The name that the OpenTelemetry specification derives for Prometheus: underscores for dots, then the unit, unless it
 * only names what is counted, then `_total` for a counter.
 */
export function metricName({
  name,
  unit,
  kind,
}: MetricDescription & Partial<Pick<SnapshotMetric, 'kind'>>): string {
  const suffixes = [
    ...(unit === 's' ? ['_seconds'] : []),
    ...(kind === 'counter' ? ['_total'] : []),
  ];
  return name.replaceAll('.', '_') + suffixes.join('');
}

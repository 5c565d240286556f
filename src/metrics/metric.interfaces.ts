import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';

/** Names and values of attributes, without the prefix that they have in OpenTelemetry. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly value: number;
  readonly labels: Labels;
}

/** What a metric is called, in OpenTelemetry's terms. */
export interface MetricDescription {
  /** The name, without a unit. */
  readonly name: string;
  /** One sentence without a full stop. */
  readonly description: string;
  /** `s`, or what is counted, in braces. */
  readonly unit?: string;
  /** Names of the attributes. */
  readonly labels: readonly string[];
}

/** A metric that is read from a snapshot. */
export interface SnapshotMetric extends MetricDescription {
  /** A counter only rises. A count rises and falls, and can be added up. A gauge cannot be added up. */
  readonly kind: 'counter' | 'count' | 'gauge';
  /** All series, those that are 0 included. */
  readonly read: (snapshot: HeartbeatSnapshot) => Sample[];
}

/** A histogram of durations. */
export interface DurationMetric extends MetricDescription {
  readonly unit: 's';
  /** Upper limits of the buckets but the last, in seconds. */
  readonly buckets: readonly number[];
}

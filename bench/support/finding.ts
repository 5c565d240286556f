import { median, spread } from './statistics.js';
import { table } from './table.js';

/** A measured figure and its target. */
export interface Finding {
  readonly what: string;
  /** One value per repetition. */
  readonly values: readonly number[];
  /** The largest median that meets the target. */
  readonly atMost?: number;
  /** The smallest median that meets the target. */
  readonly atLeast?: number;
  readonly digits?: number;
}

/** Whether the median meets the target. NaN never does. */
export function isMet({ values, atMost = Infinity, atLeast = -Infinity }: Finding): boolean {
  const value = median(values);
  return value <= atMost && value >= atLeast;
}

/** The ratios of two contenders, one per repetition. */
export function ratios(values: readonly number[] = [], to: readonly number[] = []): number[] {
  return values.map((value, repetition) => value / (to[repetition] ?? NaN));
}

/** One line per finding: the figure, its median, its target, and whether it was met. */
export function findingsTable(
  findings: readonly (readonly [scenario: string, Finding])[],
  isCompared: boolean,
): string {
  return table(
    ['scenario', 'what', 'median (least–most)', 'target', 'met'],
    findings.map(([scenario, finding]) => [
      scenario,
      finding.what,
      spread(finding.values, finding.digits ?? 3),
      target(finding),
      isCompared ? outcome(finding) : 'not compared',
    ]),
  );
}

function target({ atMost, atLeast }: Finding): string {
  return [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}`]),
  ].join(', ');
}

function outcome(finding: Finding): string {
  if (finding.atMost === undefined && finding.atLeast === undefined) return '';
  return isMet(finding) ? 'yes' : 'NO';
}

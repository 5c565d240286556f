import { median, spread } from './statistics.js';
import { table } from './table.js';

/** What a scenario found about one claim. */
export interface Finding {
  readonly what: string;
  /** One value for each repetition. */
  readonly values: readonly number[];
  /** The median is to be at most so much. */
  readonly atMost?: number;
  /** The median is to be at least so much. */
  readonly atLeast?: number;
  readonly digits?: number;
}

/** Whether the median of what was found is as it is to be. NaN never is. */
export function isMet({ values, atMost = Infinity, atLeast = -Infinity }: Finding): boolean {
  const value = median(values);
  return value <= atMost && value >= atLeast;
}

/** The ratios of two contenders, each within one repetition. */
export function ratios(values: readonly number[] = [], to: readonly number[] = []): number[] {
  return values.map((value, repetition) => value / (to[repetition] ?? NaN));
}

/** One line for each finding: what it is, what was found, what was to be found, and whether it was. */
export function findingsTable(
  findings: readonly (readonly [scenario: string, Finding])[],
  isJudged: boolean,
): string {
  return table(
    ['scenario', 'what', 'median (least–most)', 'target', 'met'],
    findings.map(([scenario, finding]) => [
      scenario,
      finding.what,
      spread(finding.values, finding.digits ?? 3),
      target(finding),
      isJudged ? verdict(finding) : 'not judged',
    ]),
  );
}

function target({ atMost, atLeast }: Finding): string {
  return [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}`]),
  ].join(', ');
}

function verdict(finding: Finding): string {
  if (finding.atMost === undefined && finding.atLeast === undefined) return '';
  return isMet(finding) ? 'yes' : 'NO';
}

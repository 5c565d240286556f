import type { CheckResult } from '../../src/detector/connection.check.js';
import type { DetectedEviction } from '../../src/detector/eviction-rules.js';

/** A decision of a check. */
export type Decision =
  | 'suspect'
  | 'recovered'
  | DetectedEviction
  | 'message-ping'
  | 'ping'
  | 'suppressed'
  | 'terminate'
  | 'release';

/** The decisions that end a connection. `application-unresponsive` comes together with `unresponsive`. */
export const EVICTIONS = [
  'unresponsive',
  'unadmitted',
  'expired',
  'idle',
  'slow-consumer',
] as const;

/** Lists the decisions of a check. */
export function decisionsOf(result: CheckResult | undefined): Decision[] {
  if (result === undefined) return [];
  const { transition, eviction } = result;
  const decisions: Decision[] = [];
  if (transition !== undefined) decisions.push(transition);
  if (eviction === 'application-unresponsive') decisions.push('unresponsive');
  if (eviction !== undefined) decisions.push(eviction);
  if (result.messagePing) decisions.push('message-ping');
  if (result.ping) decisions.push('ping');
  if (result.isPingSuppressed) decisions.push('suppressed');
  if (result.terminate) decisions.push('terminate');
  if (result.release) decisions.push('release');
  return decisions;
}

/** Whether one of the decisions ends a connection. */
export function isEviction(decisions: readonly Decision[]): boolean {
  return includesAny(decisions, EVICTIONS);
}

export function includesAny(decisions: readonly Decision[], kinds: readonly Decision[]): boolean {
  return decisions.some((decision) => kinds.includes(decision));
}

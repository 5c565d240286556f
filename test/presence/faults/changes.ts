import type { ReportedChange } from './node.process.js';

/** The events of each key, in their order. */
export function eventsByKey(changes: readonly ReportedChange[]): Map<string, string[]> {
  const events = new Map<string, string[]>();
  for (const { key, event } of changes) events.set(key, [...(events.get(key) ?? []), event]);
  return events;
}

/**
 * No value, one, or several in an array. Most keys have one client, and most clients one topic: a set and a map for them
 * took 296 bytes more (docs/PERFORMANCE.md).
 */
export type Few<Value extends object> = Value | readonly Value[] | undefined;

export function listOf<Value extends object>(few: Few<Value>): readonly Value[] {
  if (few === undefined) return [];
  return Array.isArray(few) ? (few as readonly Value[]) : [few as Value];
}

/** The values and one more, as the last one. */
export function withAdded<Value extends object>(few: Few<Value>, value: Value): Few<Value> {
  return few === undefined ? value : [...listOf(few), value];
}

export function without<Value extends object>(few: Few<Value>, value: Value): Few<Value> {
  const rest = listOf(few).filter((one) => one !== value);
  return rest.length > 1 ? rest : rest[0];
}

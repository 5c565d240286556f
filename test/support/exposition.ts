/** What a scrape returned: the value of each series, by name and labels as they are written. */
export interface Exposition {
  readonly text: string;
  readonly values: Readonly<Record<string, number>>;
  /** The type of each metric. */
  readonly types: Readonly<Record<string, string>>;
}

/** Parses Prometheus' text format, as far as the exporters use it. */
export function parseExposition(text: string): Exposition {
  const values: Record<string, number> = {};
  const types: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) types[name] = type;
    const [, series, value] = /^([a-z].*) (\S+)$/i.exec(line) ?? [];
    if (series !== undefined) values[series] = Number(value);
  }
  return { text, values, types };
}

/** The series of a scrape without the buckets of histograms. */
export function withoutBuckets({ values }: Exposition): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([series]) => !series.includes('le="')));
}

import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { dashboardQueries, readDocument } from './documents.js';
import { startScraped } from './scrape.js';

test.each([
  ['alert-rules.yml', () => readDocument('alert-rules.yml')],
  ['grafana-dashboard.json', () => dashboardQueries().join('\n')],
])('%s names metrics and label values that exist', async (_, read) => {
  const { scrape } = await startScraped({ registry: new Registry() });
  const { values } = await scrape();
  const series = Object.keys(values);
  const queries = read();
  const names = queries.match(/nestjs_heartbeat_\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(series).toContainEqual(expect.stringMatching(`^${name}({|$)`));

  for (const [, label, , allowed = ''] of queries.matchAll(
    /\b(cause|closed_by|dry_run|state|le)(=~?)"([^"]*)"/g,
  )) {
    // In YAML and PromQL the backslash is written twice; the scrape has whole numbers without `.0`.
    for (const value of allowed.replaceAll(/\(\\+\.0\)\?/g, '').split('|'))
      expect(series).toContainEqual(expect.stringContaining(`${label}="${value}"`));
  }
});

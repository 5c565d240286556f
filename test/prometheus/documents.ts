import { readFileSync } from 'node:fs';

/** A file of the documentation that users copy. */
export const readDocument = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

/** All queries of the Grafana dashboard, with values for its variables. */
export function dashboardQueries(): string[] {
  const { panels } = JSON.parse(readDocument('grafana-dashboard.json')) as Dashboard;
  return panels
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((query) =>
      query.replaceAll(/\$__(rate_interval|range)/g, '5m').replaceAll(/\$\w+/g, '.*'),
    );
}

import type { Bench } from '../support/bench.js';
import { CONTENDERS, type ContenderName } from '../support/contender.js';
import { ratios, type Finding } from '../support/finding.js';
import { loads } from '../support/load.js';
import { spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';

const CONTENDERS_OF_THIS = ['module', 'module-imported', 'module-watched'] as const;

/** What metrics and the dashboard cost a server whose clients only answer pings: imported, and used. */
export async function operations(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 100 : 10_000;
  const runs = await loads(bench, bench.contenders(CONTENDERS_OF_THIS), clients);
  console.log(`\nMetrics and dashboard, ${clients} clients that only answer pings\n`);
  console.log(
    table(
      ['', 'processor %', 'p99 of an echo, ms'],
      [...runs].map(([name, of]) => [
        CONTENDERS[name].name,
        spreadOf(of, ({ cpuPerSecond }) => cpuPerSecond / 10_000, 1),
        spreadOf(of, ({ p99 }) => p99, 1),
      ]),
    ),
  );
  const cost = (name: ContenderName) =>
    (runs.get(name) ?? []).map(({ cpuPerSecond }) => cpuPerSecond);
  const against = (name: ContenderName) => ratios(cost(name), cost('module'));
  return [
    {
      what: 'processor time with metrics and dashboard imported ÷ without',
      values: against('module-imported'),
      atMost: 1.01,
    },
    {
      what: 'processor time, scraped and with the dashboard open ÷ without',
      values: against('module-watched'),
      atMost: 1.05,
    },
  ];
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, type ContenderName } from '../support/contender.js';
import { ratios, type Finding } from '../support/finding.js';
import { loads } from '../support/load.js';
import { spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import { Trial } from '../support/trial.js';
import { startVisits } from '../support/visits.js';

/** A page polls one view at a time: here the most expensive one. A scrape is more frequent than usual. Milliseconds. */
const VISITS = { 'heartbeat/data/clients': 2_000, metrics: 5_000 };
/** One scrape and at least two polls fall into each period. */
const PERIOD = 5_100;
/** Periods with and without visits in one process, in turn. */
const PERIODS = 8;

/** Processor time of periods of one server, in µs. */
interface Watched {
  readonly alone: number;
  readonly visited: number;
}

/** What metrics and the dashboard cost a server whose clients only answer pings: imported, and used. */
export async function operations(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 100 : 10_000;
  const runs = await loads(bench, bench.contenders(['module', 'module-imported']), clients);
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
  const watched: Watched[] = [];
  for (let repetition = 0; repetition < bench.repetitions(5); repetition++)
    watched.push(await watch(bench, clients));
  return [
    {
      what: 'processor time with metrics and dashboard imported ÷ without',
      values: ratios(cost('module-imported'), cost('module')),
      atMost: 1.01,
    },
    {
      what: 'processor time, scraped and with the dashboard open ÷ before and after',
      values: watched.map(({ alone, visited }) => visited / alone),
      atMost: 1.05,
    },
  ];
}

/** Two processes of the same code differ by more than a page costs, so both are measured in one. */
async function watch(bench: Bench, clients: number): Promise<Watched> {
  const { times, isShort } = bench;
  const trial = await Trial.start(CONTENDERS['module-imported'], undefined, { ...times, clients });
  const period = async () => {
    const before = await trial.server.call<number>('cpu');
    await sleep(isShort ? 300 : PERIOD);
    return (await trial.server.call<number>('cpu')) - before;
  };
  try {
    const port = await trial.server.call<number>('port');
    await sleep(isShort ? times.interval : 10 * times.interval);
    const sum = { alone: 0, visited: 0 };
    for (let pair = 0; pair < (isShort ? 1 : PERIODS / 2); pair++) {
      // In turned order every second time, so that what changes slowly does not count.
      const order =
        pair % 2 === 0 ? (['alone', 'visited'] as const) : (['visited', 'alone'] as const);
      for (const kind of order) {
        const stop = startVisits(port, kind === 'visited' ? VISITS : {});
        sum[kind] += await period();
        await stop();
      }
    }
    return sum;
  } finally {
    await trial.stop();
  }
}

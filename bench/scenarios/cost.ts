import type { Bench } from '../support/bench.js';
import { CONTENDERS, type ContenderName } from '../support/contender.js';
import { ratios, type Finding } from '../support/finding.js';
import { loads, type Load } from '../support/load.js';
import { spread, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';

/** Contenders that are compared while clients chat: their chat costs the same. */
const CHATTING = ['nest', 'nest-loop', 'module'] as const;

/** Processor time of heartbeats, over that of a server without heartbeats. */
export async function cost(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 100 : 10_000;
  const silent = await loads(bench, bench.contenders(), clients);
  console.log(`\nCost, ${clients} clients that only answer pings\n`);
  console.log(describe(silent));
  const half = await loads(bench, bench.contenders(CHATTING), clients, 0.5);
  console.log(`\nCost, half of ${clients} clients chatting\n`);
  console.log(describe(half));
  const all = await loads(bench, bench.contenders(CHATTING), clients, 1);
  console.log(`\nCost, all of ${clients} clients chatting\n`);
  console.log(describe(all));

  const cycle = perCycle(silent);
  const total = overBaseline(half);
  const chatting = overBaseline(all);
  return [
    {
      what: of('processor time a cycle over the baseline', 'nest-loop'),
      values: ratios(cycle('module'), cycle('nest-loop')),
      atMost: 1.2,
    },
    {
      what: of('processor time a cycle over the baseline', 'engine.io'),
      values: ratios(cycle('module'), cycle('engine.io')),
      atMost: 0.65,
    },
    {
      what: of('half chatting: processor time over the baseline', 'nest-loop'),
      values: ratios(total('module'), total('nest-loop')),
      atMost: 0.75,
    },
    {
      what: of('all chatting: processor time over the baseline', 'nest-loop'),
      values: ratios(chatting('module'), chatting('nest-loop')),
      atMost: 0.3,
    },
  ];
}

function of(what: string, peer: ContenderName): string {
  return `${what} ÷ ${CONTENDERS[peer].name}`;
}

type Runs = ReadonlyMap<ContenderName, readonly Load[]>;

/** Microseconds per second, over those of the server without heartbeats in the same repetition. */
function overBaseline(runs: Runs): (name: ContenderName) => number[] {
  const baseline = runs.get('nest') ?? [];
  return (name) =>
    (runs.get(name) ?? []).map(
      (load, repetition) => load.cpuPerSecond - (baseline[repetition]?.cpuPerSecond ?? NaN),
    );
}

function perCycle(runs: Runs): (name: ContenderName) => number[] {
  const over = overBaseline(runs);
  return (name) => {
    const perSecond = over(name);
    return (runs.get(name) ?? []).map(
      ({ cycles, cpu, cpuPerSecond }, repetition) =>
        (perSecond[repetition] ?? NaN) / ((cycles * cpuPerSecond) / cpu),
    );
  };
}

function describe(runs: Runs): string {
  const cycle = perCycle(runs);
  const over = overBaseline(runs);
  return table(
    ['', 'processor %', 'over the baseline %', 'µs a cycle', 'cycles', 'pings', 'messages'],
    [...runs].map(([name, loads]) => [
      CONTENDERS[name].name,
      spreadOf(loads, (load) => load.cpuPerSecond / 10_000, 1),
      spreadOf(over(name), (value) => value / 10_000, 1),
      name === 'nest' ? '' : spread(cycle(name), 1),
      spreadOf(loads, (load) => load.cycles, 0),
      spreadOf(loads, (load) => load.pings, 0),
      spreadOf(loads, (load) => load.answers, 0),
    ]),
  );
}

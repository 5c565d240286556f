import type { Bench } from '../support/bench.js';
import { CONTENDERS, type ContenderName, type Times } from '../support/contender.js';
import { ratios, type Finding } from '../support/finding.js';
import { loads, type Load } from '../support/load.js';
import { onAndOff, type Switched } from '../support/on-and-off.js';
import { spread, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';

/** Contenders that are compared while clients chat: their chat costs the same. */
const CHATTING = ['nest-loop', 'module'] as const;
/** Ten thousand clients that all chat would occupy more than one processor. */
const ALL_CHATTING = 5_000;

/** Processor time of heartbeats, over that of a server without heartbeats. */
export async function cost(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 100 : 10_000;
  const silent = await loads(bench, bench.contenders(), clients);
  console.log(`\nCost, ${clients} clients that only answer pings\n`);
  console.log(describe(silent));
  const times = slower(bench.times);
  const names = bench.contenders(CHATTING);
  const half = await onAndOff(bench, names, times, clients, 0.5);
  console.log(`\nCost, half of ${clients} clients chatting\n`);
  console.log(describeSwitched(half));
  const chatting = bench.isShort ? clients : ALL_CHATTING;
  const all = await onAndOff(bench, names, times, chatting, 1);
  console.log(`\nCost, all of ${chatting} clients chatting\n`);
  console.log(describeSwitched(all));

  const cycle = perCycle(silent);
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
      what: of('half chatting: processor time over that without', 'nest-loop'),
      values: toLoop(half),
      atMost: 0.75,
    },
    {
      what: of('all chatting: processor time over that without', 'nest-loop'),
      values: toLoop(all),
      atMost: 0.3,
    },
  ];
}

/** Chatting clients send more than two messages per interval. At 1 s, the chat alone would keep a server busy. */
function slower({ interval, timeout }: Times): Times {
  return { interval: 2 * interval, timeout: 2 * timeout };
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
    ['', 'processor %', 'over the baseline %', 'µs a cycle', 'cycles', 'pings'],
    [...runs].map(([name, loads]) => [
      CONTENDERS[name].name,
      spreadOf(loads, (load) => load.cpuPerSecond / 10_000, 1),
      spreadOf(over(name), (value) => value / 10_000, 1),
      name === 'nest' ? '' : spread(cycle(name), 1),
      spreadOf(loads, (load) => load.cycles, 0),
      spreadOf(loads, (load) => load.pings, 0),
    ]),
  );
}

type SwitchedRuns = ReadonlyMap<ContenderName, readonly Switched[]>;

/** Processor time that the heartbeat of the module adds ÷ that the README loop adds. */
function toLoop(runs: SwitchedRuns): number[] {
  const added = (name: ContenderName) => runs.get(name)?.map((switched) => switched.added);
  return ratios(added('module'), added('nest-loop'));
}

function describeSwitched(runs: SwitchedRuns): string {
  return table(
    ['', 'processor %, on', 'off', 'added %', 'pings a second', 'messages a second'],
    [...runs].map(([name, of]) => [
      CONTENDERS[name].name,
      spreadOf(of, ({ on }) => on.cpu / 10_000, 1),
      spreadOf(of, ({ off }) => off.cpu / 10_000, 1),
      spreadOf(of, ({ added }) => added / 10_000, 1),
      spreadOf(of, ({ on }) => on.pings, 0),
      spreadOf(of, ({ on }) => on.answers, 0),
    ]),
  );
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { CrowdCounts } from '../clients/crowd.js';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, type Contender } from '../support/contender.js';
import { allowed } from '../support/descriptors.js';
import type { Finding } from '../support/finding.js';
import type { Program } from '../support/program.js';
import type { Heap, LoopDelay } from '../support/server.js';
import { quantile, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import { addCounts, startCrowds, startProbe, startServer } from '../support/trial.js';

/** How long many connections are measured, in ms: more than two intervals. */
const DURATION = 60_000;
/** The module's defaults, in ms. */
const DEFAULTS = { interval: 25_000, timeout: 45_000 };

/** What many connections cost at the default times. */
interface Cost {
  readonly servers: number;
  /** Processor time of all servers, in % of one processor. */
  readonly processor: number;
  /** Heap of all servers over the empty ones, and their resident memory, in bytes a connection. */
  readonly heap: number;
  readonly resident: number;
  readonly p99: number;
  /** The longest turn of any server, in ms. */
  readonly longestTurn: number;
  readonly pingsPerSecond: number;
  readonly closed: number;
}

/** 100 000 connections at the default times, in as many server processes as their descriptors take. */
export async function many(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 300 : 100_000;
  const perServer = bench.isShort ? 100 : allowed(clients);
  const runs = await bench.interleave(
    bench.contenders(['nest', 'module', 'nest-loop']),
    bench.repetitions(1),
    (contender) => measure(bench, contender, clients, Math.ceil(clients / perServer)),
    1,
  );
  console.log(`\n${clients} connections at the default times\n`);
  console.log(
    table(
      [
        '',
        'server processes',
        'processor %',
        'heap B a connection',
        'resident B a connection',
        'echo p99 ms',
        'longest turn ms',
        'pings/s',
        'closed',
      ],
      [...runs].map(([name, costs]) => {
        const of = (value: (cost: Cost) => number, digits = 1) => spreadOf(costs, value, digits);
        return [
          CONTENDERS[name].name,
          costs[0]?.servers ?? 0,
          of((cost) => cost.processor),
          of((cost) => cost.heap, 0),
          of((cost) => cost.resident, 0),
          of((cost) => cost.p99),
          of((cost) => cost.longestTurn),
          of((cost) => cost.pingsPerSecond, 0),
          of((cost) => cost.closed, 0),
        ];
      }),
    ),
  );
  const closed = (runs.get('module') ?? []).map((cost) => cost.closed);
  return [{ what: `of ${clients} healthy clients closed`, values: closed, atMost: 0, digits: 0 }];
}

async function measure(
  bench: Bench,
  contender: Contender,
  clients: number,
  count: number,
): Promise<Cost> {
  const settings = { ...(bench.isShort ? bench.times : DEFAULTS), clients: clients / count };
  const servers: Program[] = [];
  const clientPrograms: Program[] = [];
  const onAll = <Result>(name: string) =>
    Promise.all(servers.map((server) => server.call<Result>(name)));
  const sum = async (name: string) => (await onAll<number>(name)).reduce((a, b) => a + b);
  const heapOfAll = async () => (await onAll<Heap>('heap')).reduce((a, { heap }) => a + heap, 0);
  try {
    const ports: number[] = [];
    for (let index = 0; index < count; index++) {
      const { server, port } = await startServer(contender, bench.bun, settings);
      servers.push(server);
      ports.push(port);
    }
    const emptyHeap = await heapOfAll();
    const emptyResident = await sum('resident');
    for (const port of ports)
      clientPrograms.push(...(await startCrowds(contender, port, settings)));
    const crowds = [...clientPrograms];
    const probe = await startProbe(contender, ports[0] ?? NaN);
    clientPrograms.push(probe);
    const counts = async () =>
      addCounts(await Promise.all(crowds.map((crowd) => crowd.call<CrowdCounts>('counts'))));

    // The first pings are as close together as the connects.
    await sleep(2 * settings.interval);
    const [cpu, before, start] = [await sum('cpu'), await counts(), performance.now()];
    await onAll('startDelay');
    await probe.call('start');
    await sleep(bench.isShort ? 2 * settings.interval : DURATION);
    const seconds = (performance.now() - start) / 1_000;
    const used = (await sum('cpu')) - cpu;
    const after = await counts();
    const delays = await onAll<LoopDelay>('stopDelay');
    const latencies = await probe.call<number[]>('stop');
    return {
      servers: count,
      processor: used / seconds / 10_000,
      resident: ((await sum('resident')) - emptyResident) / clients,
      heap: ((await heapOfAll()) - emptyHeap) / clients,
      p99: quantile(latencies, 0.99),
      longestTurn: Math.max(...delays.map(({ max }) => max)),
      pingsPerSecond: (after.pings - before.pings) / seconds,
      closed: after.closed,
    };
  } finally {
    for (const program of [...servers, ...clientPrograms]) await program.stop();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import type { Contender, ContenderName, Times } from './contender.js';
import type { LoopDelay } from './server.js';
import { quantile } from './statistics.js';
import { Trial } from './trial.js';

/** What heartbeats of many clients cost, measured in one run. */
export interface Load {
  /** How long an unrelated client waited for an answer, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly delay: LoopDelay;
  /** Microseconds of the server's processor time, in all and a second. */
  readonly cpu: number;
  readonly cpuPerSecond: number;
  /** Ping-pong cycles that were completed, and pings that the server sent. */
  readonly cycles: number;
  readonly pings: number;
  /** Messages of clients that were answered. */
  readonly answers: number;
  /** Clients that lost their connection, though each answered everything. */
  readonly closed: number;
  /** By how many ms clients answered too late, at worst: where it is long, a close may be deserved. */
  readonly lateness: number;
}

/** What two scenarios ask for is measured once. */
const measured = new WeakMap<Bench, Map<string, Promise<Map<ContenderName, Load[]>>>>();

export function loads(
  bench: Bench,
  names: readonly ContenderName[],
  clients: number,
  chatting = 0,
): Promise<Map<ContenderName, Load[]>> {
  const known = measured.get(bench) ?? new Map<string, Promise<Map<ContenderName, Load[]>>>();
  measured.set(bench, known);
  const key = `${clients} ${chatting} ${names.join()}`;
  const runs =
    known.get(key) ??
    bench.interleave(names, bench.repetitions(5), (contender) =>
      load(bench, contender, clients, chatting),
    );
  known.set(key, runs);
  return runs;
}

/** Who chats says something in each half interval. Were that a half second, a server would be busy with it alone. */
function slower({ interval, timeout }: Times): Times {
  return { interval: 2 * interval, timeout: 2 * timeout };
}

async function load(
  bench: Bench,
  contender: Contender,
  clients: number,
  chatting: number,
): Promise<Load> {
  const { isShort } = bench;
  const times = chatting > 0 ? slower(bench.times) : bench.times;
  const trial = await Trial.start(contender, bench.bun, { ...times, clients, chatting });
  try {
    await sleep(times.interval * (isShort ? 1 : 4));
    const [before, cpuBefore] = [await trial.counts(), await trial.server.ask<number>('cpu')];
    await trial.server.ask('startDelay');
    await trial.probe.ask('start');
    const start = performance.now();
    await sleep(isShort ? 1_000 : 10_000);
    const cpu = (await trial.server.ask<number>('cpu')) - cpuBefore;
    const seconds = (performance.now() - start) / 1_000;
    const after = await trial.counts();
    const delay = await trial.server.ask<LoopDelay>('stopDelay');
    const latencies = await trial.probe.ask<number[]>('stop');
    if (latencies.length === 0) throw new Error(`${contender.name} answered nothing`);
    // Bun's pings are further apart than a short run is long.
    const isSilent = contender.dialect === 'ws' && after.pings === 0;
    if (isSilent && !contender.isBaseline && !contender.isBun) {
      throw new Error(`${contender.name} never pinged`);
    }
    return {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      max: quantile(latencies, 1),
      delay,
      cpu,
      cpuPerSecond: cpu / seconds,
      cycles: after.cycles - before.cycles,
      pings: after.pings - before.pings,
      answers: after.answers - before.answers,
      closed: after.closed,
      lateness: after.lateness,
    };
  } finally {
    await trial.stop();
  }
}

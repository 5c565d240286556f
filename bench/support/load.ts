import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import type { Contender, ContenderName } from './contender.js';
import type { LoopDelay } from './server.js';
import { quantile } from './statistics.js';
import { Trial } from './trial.js';

/** Cost of the heartbeats of many clients, measured in one run. */
export interface Load {
  /** Time that an unrelated client waited for an answer, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly delay: LoopDelay;
  /** Processor time of the server in µs: total, and per second. */
  readonly cpu: number;
  readonly cpuPerSecond: number;
  /** Completed ping-pong cycles, and pings that the server sent. */
  readonly cycles: number;
  readonly pings: number;
  /** Clients that lost their connection, although they answered every ping. */
  readonly closed: number;
  /** The largest delay of an answer that the clients caused, in ms. If it is long, closes may be justified. */
  readonly lateness: number;
}

/** Runs that two scenarios share are measured once. */
const measured = new WeakMap<Bench, Map<string, Promise<Map<ContenderName, Load[]>>>>();

export function loads(
  bench: Bench,
  names: readonly ContenderName[],
  clients: number,
): Promise<Map<ContenderName, Load[]>> {
  const known = measured.get(bench) ?? new Map<string, Promise<Map<ContenderName, Load[]>>>();
  measured.set(bench, known);
  const key = `${clients} ${names.join()}`;
  const runs =
    known.get(key) ??
    bench.interleave(names, bench.repetitions(5), (contender) => load(bench, contender, clients));
  known.set(key, runs);
  return runs;
}

async function load(bench: Bench, contender: Contender, clients: number): Promise<Load> {
  const { isShort, times } = bench;
  const trial = await Trial.start(contender, bench.bun, { ...times, clients });
  try {
    await sleep(times.interval * (isShort ? 1 : 4));
    const [before, cpuBefore] = [await trial.counts(), await trial.server.call<number>('cpu')];
    await trial.server.call('startDelay');
    await trial.probe.call('start');
    const start = performance.now();
    await sleep(isShort ? 1_000 : 10_000);
    const cpu = (await trial.server.call<number>('cpu')) - cpuBefore;
    const seconds = (performance.now() - start) / 1_000;
    const after = await trial.counts();
    const delay = await trial.server.call<LoopDelay>('stopDelay');
    const latencies = await trial.probe.call<number[]>('stop');
    if (latencies.length === 0) throw new Error(`${contender.name} answered nothing`);
    // A short run can end before the first ping of Bun.
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
      closed: after.closed,
      lateness: after.lateness,
    };
  } finally {
    await trial.stop();
  }
}

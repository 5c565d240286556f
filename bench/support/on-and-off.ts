import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import type { Contender, ContenderName, Times } from './contender.js';
import { median } from './statistics.js';
import { Trial } from './trial.js';

/** Periods with the heartbeat on and off in one process, in turn. */
const ROUNDS = 12;
/** Intervals in a period: a whole number, because a loop pings all clients at once. */
const INTERVALS = 2;

/** What a server did per second in periods of one kind. */
export interface Rates {
  /** Processor time in µs. */
  readonly cpu: number;
  readonly pings: number;
  readonly answers: number;
}

/** One process, with its heartbeat on and off: the medians of all rounds. */
export interface Switched {
  readonly on: Rates;
  readonly off: Rates;
  /** What the heartbeat adds to the processor time of a second, in µs. */
  readonly added: number;
}

/**
 * Measures what a heartbeat costs the same connections of the same process. Two processes of the same code, and two
 * minutes of one, differ by more than heartbeats cost beside chat.
 */
export function onAndOff(
  bench: Bench,
  names: readonly ContenderName[],
  times: Times,
  clients: number,
  chatting: number,
): Promise<Map<ContenderName, Switched[]>> {
  return bench.interleave(names, bench.repetitions(5), (contender) =>
    compare(bench, contender, { ...times, clients, chatting }),
  );
}

async function compare(
  { isShort, bun }: Bench,
  contender: Contender,
  settings: Times & { clients: number; chatting: number },
): Promise<Switched> {
  const switched = {
    ...contender,
    settings: (times: Times) => ({ ...contender.settings?.(times), isSwitched: true }),
  };
  const trial = await Trial.start(switched, bun, settings);
  try {
    const rounds: { on: Rates; off: Rates }[] = [];
    for (let round = 0; round < (isShort ? 1 : ROUNDS); round++) {
      // The server starts with its heartbeat on, so each call is a change: turned on twice, it would run twice.
      const off = await period(false, 0.5);
      // A connection is proven alive by its traffic only after two intervals. A period begins between two loops.
      const on = await period(true, 2.5);
      if (off.pings > 0) throw new Error(`${contender.name} pings although it is off`);
      rounds.push({ on, off });
    }
    return {
      on: medianOf(rounds.map(({ on }) => on)),
      off: medianOf(rounds.map(({ off }) => off)),
      added: median(rounds.map(({ on, off }) => on.cpu - off.cpu)),
    };
  } finally {
    await trial.stop();
  }

  async function period(isOn: boolean, settling: number): Promise<Rates> {
    await trial.server.call('turn', isOn);
    await sleep(settings.interval * settling);
    const [before, cpu] = [await trial.counts(), await trial.server.call<number>('cpu')];
    const start = performance.now();
    await sleep(settings.interval * INTERVALS);
    const spent = (await trial.server.call<number>('cpu')) - cpu;
    const seconds = (performance.now() - start) / 1_000;
    const after = await trial.counts();
    if (after.closed > 0) throw new Error(`${contender.name} closed ${after.closed} clients`);
    return {
      cpu: spent / seconds,
      pings: (after.pings - before.pings) / seconds,
      answers: (after.answers - before.answers) / seconds,
    };
  }
}

function medianOf(rates: readonly Rates[]): Rates {
  return {
    cpu: median(rates.map(({ cpu }) => cpu)),
    pings: median(rates.map(({ pings }) => pings)),
    answers: median(rates.map(({ answers }) => answers)),
  };
}

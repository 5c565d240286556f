import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, timesOf, type Contender } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import type { Watched } from '../support/watch.js';
import { quantile, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import { Trial } from '../support/trial.js';

interface Detection {
  /** Delay of an eviction after the timeout, in % of the timeout. */
  readonly least: number;
  readonly p50: number;
  readonly p99: number;
  /** p99 of the time that an unrelated client waited for an answer meanwhile, in ms. */
  readonly echo: number;
  /** Dead clients that were not evicted within three timeouts. */
  readonly missed: number;
  /** Descriptors of dead clients that were still open then. */
  readonly descriptors: number;
  /** Clients that were closed before the freeze, although they answered. */
  readonly gone: number;
}

/** All clients freeze at once. Measures when each is evicted, and how much an unrelated client is delayed. */
export async function detection(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 100 : 10_000;
  const contenders = bench.contenders().filter((name) => name !== 'nest');
  const runs = await bench.interleave(contenders, bench.repetitions(5), (contender) =>
    measure(bench, contender, clients),
  );
  console.log(`\nDetection, ${clients} clients freeze at once\n`);
  console.log(
    table(
      [
        '',
        'error, least %',
        'p50 %',
        'p99 %',
        'echo p99 ms',
        'not found',
        'descriptors taken',
        'closed before',
      ],
      [...runs].map(([name, of]) => {
        const values = (key: keyof Detection, digits = 1) =>
          spreadOf(of, (run) => run[key], digits);
        return [
          CONTENDERS[name].name,
          values('least'),
          values('p50'),
          values('p99'),
          values('echo'),
          values('missed', 0),
          values('descriptors', 0),
          values('gone', 0),
        ];
      }),
    ),
  );
  const of = (key: keyof Detection) => (runs.get('module') ?? []).map((run) => run[key]);
  const tick = Math.min(100, bench.times.timeout / 20);
  return [
    { what: 'detection error, least, % of the timeout', values: of('least'), atLeast: 0 },
    {
      what: 'detection error, p99, % of the timeout',
      values: of('p99'),
      atMost: 10 + (tick / bench.times.timeout) * 100,
      digits: 1,
    },
    { what: 'p99 of an echo meanwhile, ms', values: of('echo'), atMost: 20, digits: 1 },
    { what: 'dead clients not found', values: of('missed'), atMost: 0, digits: 0 },
    { what: 'descriptors of dead clients taken', values: of('descriptors'), atMost: 0, digits: 0 },
  ];
}

async function measure(bench: Bench, contender: Contender, clients: number): Promise<Detection> {
  const trial = await Trial.start(contender, bench.bun, {
    ...bench.times,
    clients,
    watch: true,
  });
  try {
    const { timeout } = timesOf(contender, bench.times);
    await sleep(3 * bench.times.interval);
    const taken = await trial.server.call<number>('descriptors');
    await trial.probe.call('start');
    for (const crowd of trial.crowds) crowd.freeze();
    const frozenAt = await trial.server.call<number>('now');
    await sleep(3 * timeout);
    const latencies = await trial.probe.call<number[]>('stop');
    const watched = await trial.server.call<Watched[]>('watched');
    // The probe answers to the end. Clients that were closed falsely before the freeze are counted separately.
    const dead = watched.filter(({ closedAt }) => closedAt >= frozenAt);
    const gone = watched.filter(({ closedAt }) => closedAt >= 0 && closedAt < frozenAt).length;
    const errors = dead.map(
      ({ receivedAt, closedAt }) => ((closedAt - receivedAt) / timeout - 1) * 100,
    );
    const freed = taken - (await trial.server.call<number>('descriptors'));
    return {
      least: quantile(errors, 0),
      p50: quantile(errors, 0.5),
      p99: quantile(errors, 0.99),
      echo: quantile(latencies, 0.99),
      missed: clients - gone - dead.length,
      descriptors: clients - gone - freed,
      gone,
    };
  } finally {
    await trial.stop();
  }
}

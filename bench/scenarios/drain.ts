import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, type Contender } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import { spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import { Trial } from '../support/trial.js';
import type { LoopDelay } from '../support/server.js';

interface Drained extends LoopDelay {
  /** Time until the application was closed, in ms. */
  readonly duration: number;
}

/** Delay of the event loop while the application closes all connections. */
export async function drain(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 20 : 10_000;
  const contenders = bench.contenders(['nest', 'module']);
  const runs = await bench.interleave(contenders, bench.repetitions(5), (contender) =>
    measure(bench, contender, clients),
  );
  console.log(`\nDrain, ${clients} clients are closed\n`);
  console.log(
    table(
      ['', 'loop delay p99 ms', 'max ms', 'duration s'],
      [...runs].map(([name, of]) => [
        CONTENDERS[name].name,
        spreadOf(of, (run) => run.p99, 1),
        spreadOf(of, (run) => run.max, 1),
        spreadOf(of, (run) => run.duration / 1_000, 1),
      ]),
    ),
  );
  return [
    {
      what: 'loop delay p99 while all clients are closed, ms',
      values: (runs.get('module') ?? []).map((run) => run.p99),
      atMost: 20,
      digits: 1,
    },
  ];
}

async function measure(bench: Bench, contender: Contender, clients: number): Promise<Drained> {
  const trial = await Trial.start(contender, bench.bun, { ...bench.times, clients });
  try {
    await trial.server.call('startDelay');
    const start = performance.now();
    await trial.server.call('close');
    const duration = performance.now() - start;
    const delay = await trial.server.call<LoopDelay>('stopDelay');
    await allGone(trial);
    return { ...delay, duration };
  } finally {
    await trial.stop();
  }
}

/** Waits until the clients have noticed the close, which they do a little later. */
async function allGone(trial: Trial): Promise<void> {
  const end = performance.now() + 10_000;
  let { open } = await trial.counts();
  while (open > 0 && performance.now() < end) {
    await sleep(50);
    ({ open } = await trial.counts());
  }
  if (open > 0) throw new Error(`${open} clients are still connected`);
}

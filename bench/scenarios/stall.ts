import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, timesOf, type Contender, type ContenderName } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import { spread } from '../support/statistics.js';
import { table } from '../support/table.js';
import { Trial } from '../support/trial.js';

/** Stalls as long as the timeout, and so many times as long. */
const LENGTHS = [1, 2, 5];
/** Stalls of one repetition at random phases. */
const RANDOM = 3;
/** Pongs are on their way for so long, in ms. */
const AWAY = 100;

/** The server does not listen for a while: how many healthy clients does it close for that? */
export async function stall(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 50 : 1_000;
  const contenders = bench.contenders().filter((name) => name !== 'nest');
  const lengths = bench.isShort ? [1] : LENGTHS;
  const findings: Finding[] = [];
  const cells = new Map<ContenderName, string[]>(contenders.map((name) => [name, []]));
  for (const length of lengths) {
    for (const isWorst of [true, false]) {
      const runs = await bench.interleave(contenders, bench.repetitions(5), (contender) =>
        closedBy(bench, contender, clients, length, isWorst),
      );
      for (const [name, closed] of runs) cells.get(name)?.push(spread(closed, 0));
      findings.push({
        what: `false closes after a stall of ${length} × the timeout, ${isWorst ? 'worst' : 'random'} phase`,
        values: runs.get('module') ?? [],
        atMost: 0,
        digits: 0,
      });
    }
  }
  console.log(`\nStall: how many of ${clients} healthy clients are closed for it\n`);
  console.log(
    table(
      ['', ...lengths.flatMap((length) => [`${length} ×, worst`, `${length} ×, random`])],
      [...cells].map(([name, row]) => [CONTENDERS[name].name, ...row]),
    ),
  );
  return findings;
}

async function closedBy(
  bench: Bench,
  contender: Contender,
  clients: number,
  length: number,
  isWorst: boolean,
): Promise<number> {
  const { interval, timeout } = timesOf(contender, bench.times);
  const trial = await Trial.start(contender, bench.bun, {
    ...bench.times,
    clients,
    pongAfter: [AWAY, AWAY],
  });
  try {
    await sleep(2 * interval);
    for (let stalls = isWorst || bench.isShort ? 1 : RANDOM; stalls > 0; stalls--) {
      // Whoever pings all at once has just pinged all; whoever does not has no phase that is worse.
      if (isWorst && contender.dialect !== 'wsHeartbeat') {
        await Promise.race(trial.crowds.map((crowd) => crowd.ask('nextPing')));
      } else await sleep(Math.random() * interval);
      await trial.server.ask('block', length * timeout);
      await sleep(timeout + 2 * interval);
    }
    return (await trial.counts()).closed;
  } finally {
    await trial.stop();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, timesOf, type Contender, type ContenderName } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import { spread } from '../support/statistics.js';
import { table } from '../support/table.js';
import { Trial } from '../support/trial.js';

/** Durations of stalls, in timeouts. */
const LENGTHS = [1, 2, 5];
/** Stalls of one repetition at random phases. */
const RANDOM = 3;
/** Delay of each pong, in ms. */
const PONG_DELAY = 100;

/** Contenders in parallel: no time is measured, and a blocked server takes no processor time. */
const AT_ONCE = 6;

/** Healthy clients that a server closes after its event loop was blocked. */
export async function stall(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 50 : 1_000;
  const contenders = bench.contenders().filter((name) => name !== 'nest');
  const stalls = (bench.isShort ? [1] : LENGTHS).flatMap((length) => [
    { length, isWorst: true, phase: 'worst' },
    { length, isWorst: false, phase: 'random' },
  ]);
  const runs = await bench.interleave(
    contenders,
    bench.repetitions(5),
    async (contender) => {
      const closed: number[] = [];
      for (const { length, isWorst } of stalls) {
        closed.push(await closedBy(bench, contender, clients, length, isWorst));
      }
      return closed;
    },
    AT_ONCE,
  );
  const closed = (name: ContenderName, stall: number) =>
    (runs.get(name) ?? []).map((of) => of[stall] ?? NaN);
  console.log(`\nStall: how many of ${clients} healthy clients are closed\n`);
  console.log(
    table(
      ['', ...stalls.map(({ length, phase }) => `${length} ×, ${phase}`)],
      contenders.map((name) => [
        CONTENDERS[name].name,
        ...stalls.map((_, stall) => spread(closed(name, stall), 0)),
      ]),
    ),
  );
  return stalls.map(({ length, phase }, stall) => ({
    what: `false closes after a stall of ${length} × the timeout, ${phase} phase`,
    values: closed('module', stall),
    atMost: 0,
    digits: 0,
  }));
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
    pongAfter: [PONG_DELAY, PONG_DELAY],
  });
  try {
    await sleep(2 * interval);
    for (let stalls = isWorst || bench.isShort ? 1 : RANDOM; stalls > 0; stalls--) {
      // The worst phase of a server that pings all clients at once is right after a ping. Others have no worst phase.
      if (isWorst && contender.dialect !== 'wsHeartbeat') {
        await Promise.race(trial.crowds.map((crowd) => crowd.call('nextPing')));
      } else await sleep(Math.random() * interval);
      await trial.server.call('block', length * timeout);
      await sleep(timeout + 2 * interval);
    }
    return (await trial.counts()).closed;
  } finally {
    await trial.stop();
  }
}

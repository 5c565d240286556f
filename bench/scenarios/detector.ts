import type { Bench } from '../support/bench.js';
import type { Finding } from '../support/finding.js';
import { Program } from '../support/program.js';
import { spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { DetectorSettings, Checks, Turns } from './detector.program.js';

/** Cost of the failure detector alone, with simulated connections: no sockets, no timers, no clock. */
export async function detector(bench: Bench): Promise<Finding[]> {
  const counts = bench.isShort ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000];
  const most = counts.at(-1) ?? NaN;
  const runs = [
    ...counts.map((connections) => ({ name: String(connections), connections, inOrder: false })),
    // The difference between these and the others is the cost of cache misses.
    { name: `${most}, in order`, connections: most, inOrder: true },
  ].map((run) => ({ ...run, interval: 1_000, timeout: 2_000, of: [] as Checks[] }));
  const defaults = {
    name: '1000, 25 s/45 s',
    connections: 1_000,
    inOrder: false,
    interval: 25_000,
    timeout: 45_000,
    of: [] as Checks[],
  };
  runs.push(defaults);
  for (let repetition = 0; repetition < bench.repetitions(5); repetition++) {
    for (const { connections, interval, timeout, inOrder, of } of runs) {
      of.push(
        await inProgram(
          { connections, interval, timeout, uptime: 0, inOrder },
          'checks',
          // Many, so that outliers do not matter.
          { count: bench.isShort ? 200_000 : 4_000_000 },
          // Room for all allocations, so that no garbage is collected meanwhile.
          64,
        ),
      );
    }
  }
  console.log('\nThe failure detector alone, an interval of 1 s unless stated\n');
  console.log(
    table(
      [
        'connections',
        'ns a check',
        'ns a ping',
        'ns a pong',
        'bytes allocated a check',
        'checks an interval',
      ],
      runs.map(({ name, of }) => [
        name,
        spreadOf(of, (run) => run.nsPerCheck, 0),
        spreadOf(of, (run) => run.nsPerPing, 0),
        spreadOf(of, (run) => run.nsPerPong, 0),
        spreadOf(of, (run) => run.bytesPerCheck, 2),
        spreadOf(of, (run) => run.checksPerInterval, 2),
      ]),
    ),
  );
  const ns = (connections: number) =>
    (runs.find((run) => run.connections === connections)?.of ?? []).map((run) => run.nsPerCheck);
  const turns: Turns[] = [];
  const loops: readonly { connections: number; of: Turns[] }[] = [
    { connections: most, of: turns },
    // The reference: long turns of an idle loop are caused by the machine.
    { connections: 1, of: [] },
  ];
  for (let repetition = 0; repetition < bench.repetitions(3); repetition++) {
    for (const { connections, of } of loops) {
      of.push(
        await inProgram(
          { connections, interval: 25_000, timeout: 45_000, uptime: 0, inOrder: false },
          'turns',
          { seconds: bench.isShort ? 1 : 30 },
          // Small collections, so that garbage of the measuring loop does not prolong its turns.
          1,
        ),
      );
    }
  }
  console.log('\nThe failure detector on the real tick, an interval of 25 s\n');
  console.log(
    table(
      ['connections', 'longest turn ms', 'p99.9 ms', 'turn after a stall ms', 'checks/s'],
      loops.map(({ connections, of }) => [
        connections,
        spreadOf(of, (run) => run.longest, 1),
        spreadOf(of, (run) => run.p999, 1),
        spreadOf(of, (run) => run.afterStall, 1),
        spreadOf(of, (run) => run.checksPerSecond, 0),
      ]),
    ),
  );
  return [
    { what: 'ns a check, 10 000 connections', values: ns(10_000), atMost: 80, digits: 0 },
    { what: 'ns a check, the most connections', values: ns(most), atMost: 300, digits: 0 },
    {
      what: 'checks an interval, 1 s/2 s',
      values: perInterval(runs[0]?.of ?? []),
      atMost: 1,
      digits: 2,
    },
    {
      what: 'checks an interval, 25 s/45 s',
      values: perInterval(defaults.of),
      atMost: 1,
      digits: 2,
    },
    {
      what: 'bytes allocated a check, at worst',
      values: worstOf(runs.map(({ of }) => of.map((run) => run.bytesPerCheck))),
      atMost: 0.5,
      digits: 2,
    },
    {
      what: `longest turn in ms, ${most} connections, interval 25 s`,
      values: turns.map((run) => run.longest),
      atMost: 10,
      digits: 1,
    },
    {
      what: `longest turn in ms after a stall, ${most} connections`,
      values: turns.map((run) => run.afterStall),
      atMost: 10,
      digits: 1,
    },
  ];
}

function perInterval(of: readonly Checks[]): number[] {
  return of.map((run) => run.checksPerInterval);
}

/** The largest value of each repetition. */
function worstOf(values: readonly (readonly number[])[]): number[] {
  return (values[0] ?? []).map((_, at) => Math.max(...values.map((of) => of[at] ?? NaN)));
}

/** `newSpace`: size of the semi-space for new objects, in MB. */
async function inProgram<Result>(
  settings: DetectorSettings,
  name: string,
  argument: unknown,
  newSpace: number,
): Promise<Result> {
  const program = await Program.start('scenarios/detector.program.js', settings, {
    execArgv: ['--expose-gc', `--max-semi-space-size=${newSpace}`, '--max-old-space-size=4096'],
  });
  try {
    return await program.call<Result>(name, argument);
  } finally {
    await program.stop();
  }
}

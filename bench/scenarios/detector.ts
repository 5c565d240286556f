import type { Bench } from '../support/bench.js';
import type { Finding } from '../support/finding.js';
import { Program } from '../support/program.js';
import { spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { JudgeSettings, Looks, Turns } from './detector.program.js';

/** What the judge alone costs, with simulated connections: no socket, no timer, no clock. */
export async function detector(bench: Bench): Promise<Finding[]> {
  const counts = bench.isShort ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000];
  const most = counts.at(-1) ?? NaN;
  const runs = [
    ...counts.map((connections) => ({ name: String(connections), connections, inOrder: false })),
    // What the others take longer than these is what the memory takes, not the judge.
    { name: `${most}, in order`, connections: most, inOrder: true },
  ].map((run) => ({ ...run, of: [] as Looks[] }));
  for (let repetition = 0; repetition < bench.repetitions(5); repetition++) {
    for (const { connections, inOrder, of } of runs) {
      of.push(
        await inProgram(
          { connections, interval: 1_000, timeout: 2_000, uptime: 0, inOrder },
          'looks',
          // Many, so that single ones do not matter.
          { count: bench.isShort ? 200_000 : 4_000_000 },
          // Room for all that could be allocated, so that nothing is collected meanwhile.
          64,
        ),
      );
    }
  }
  console.log('\nThe judge alone, an interval of 1 s\n');
  console.log(
    table(
      ['connections', 'ns a look', 'ns a look that pings', 'ns a pong', 'bytes allocated a look'],
      runs.map(({ name, of }) => [
        name,
        spreadOf(of, (run) => run.nsPerLook, 0),
        spreadOf(of, (run) => run.nsPerPing, 0),
        spreadOf(of, (run) => run.nsPerPong, 0),
        spreadOf(of, (run) => run.bytesPerLook, 2),
      ]),
    ),
  );
  const ns = (connections: number) =>
    (runs.find((run) => run.connections === connections)?.of ?? []).map((run) => run.nsPerLook);
  const turns: Turns[] = [];
  const loops: readonly { connections: number; of: Turns[] }[] = [
    { connections: most, of: turns },
    // What holds a loop that has nothing to do is the machine.
    { connections: 1, of: [] },
  ];
  for (let repetition = 0; repetition < bench.repetitions(3); repetition++) {
    for (const { connections, of } of loops) {
      of.push(
        await inProgram(
          { connections, interval: 25_000, timeout: 45_000, uptime: 0, inOrder: false },
          'turns',
          { seconds: bench.isShort ? 1 : 30 },
          // Little to collect at a time: what the loop itself leaves behind is not to hold it.
          1,
        ),
      );
    }
  }
  console.log('\nThe judge on the real tick, an interval of 25 s\n');
  console.log(
    table(
      ['connections', 'longest turn ms', 'p99.9 ms', 'turn after a stall ms', 'looks/s'],
      loops.map(({ connections, of }) => [
        connections,
        spreadOf(of, (run) => run.longest, 1),
        spreadOf(of, (run) => run.p999, 1),
        spreadOf(of, (run) => run.afterStall, 1),
        spreadOf(of, (run) => run.looksPerSecond, 0),
      ]),
    ),
  );
  return [
    { what: 'ns a look, 10 000 connections', values: ns(10_000), atMost: 250, digits: 0 },
    { what: 'ns a look, the most connections', values: ns(most), atMost: 1_000, digits: 0 },
    {
      what: 'bytes allocated a look, at worst',
      values: worstOf(runs.map(({ of }) => of.map((run) => run.bytesPerLook))),
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

/** The largest value of each repetition. */
function worstOf(values: readonly (readonly number[])[]): number[] {
  return (values[0] ?? []).map((_, at) => Math.max(...values.map((of) => of[at] ?? NaN)));
}

/** `newSpace`: MB for new objects before they are collected. */
async function inProgram<Result>(
  settings: JudgeSettings,
  question: string,
  argument: unknown,
  newSpace: number,
): Promise<Result> {
  const program = await Program.start('scenarios/detector.program.js', settings, {
    execArgv: ['--expose-gc', `--max-semi-space-size=${newSpace}`, '--max-old-space-size=4096'],
  });
  try {
    return await program.ask<Result>(question, argument);
  } finally {
    await program.stop();
  }
}

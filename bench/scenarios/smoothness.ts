import type { Bench } from '../support/bench.js';
import { CONTENDERS, type ContenderName } from '../support/contender.js';
import { allowed } from '../support/descriptors.js';
import { ratios, type Finding } from '../support/finding.js';
import { loads, type Load } from '../support/load.js';
import { median, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';

/** Time that an unrelated client waits for its answers while heartbeats run. */
export async function smoothness(bench: Bench): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const clients of bench.isShort ? [100] : [10_000, allowed(19_000)]) {
    const runs = await loads(bench, bench.contenders(), clients);
    console.log(`\nSmoothness, ${clients} clients\n`);
    console.log(describe(runs));
    const p99 = (name: ContenderName) => runs.get(name)?.map((run) => run.p99) ?? [];
    for (const [peer, atMost] of [
      ['nest-loop', 0.1],
      ['bun', 0.3],
    ] as const) {
      if (!runs.has(peer)) continue;
      findings.push({
        what: `p99 of an echo ÷ ${CONTENDERS[peer].name}, ${clients} clients`,
        values: ratios(p99('module'), p99(peer)),
        atMost,
      });
    }
  }
  return findings;
}

function describe(runs: ReadonlyMap<ContenderName, readonly Load[]>): string {
  return table(
    [
      '',
      'echo p50 ms',
      'p99 ms',
      'max ms',
      'loop delay p99 ms',
      'max ms',
      'pings/s',
      'closed',
      'clients late ms',
    ],
    [...runs].map(([name, loads]) => {
      const of = (value: (load: Load) => number, digits = 1) => spreadOf(loads, value, digits);
      return [
        CONTENDERS[name].name,
        of((load) => load.p50, 2),
        of((load) => load.p99),
        of((load) => load.max),
        of((load) => load.delay.p99),
        of((load) => load.delay.max),
        Math.round(median(loads.map((load) => (load.pings / load.cpu) * load.cpuPerSecond))),
        of((load) => load.closed, 0),
        of((load) => load.lateness, 0),
      ];
    }),
  );
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, type Contender, type ContenderName } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import type { Heap } from '../support/server.js';
import { spread, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import { startCrowds, startServer } from '../support/trial.js';

/** Bytes for each of the connections that there were. */
interface Memory {
  readonly heap: number;
  readonly external: number;
  /** What is still there after all have left. */
  readonly leftHeap: number;
  readonly leftDescriptors: number;
}

/** What is remembered of a connection, and whether it is forgotten. */
export async function memory(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 200 : 10_000;
  const runs = await bench.interleave(bench.contenders(), bench.repetitions(5), (contender) =>
    measure(bench, contender, clients),
  );
  const baseline = runs.get('nest') ?? [];
  const over = (name: ContenderName, key: keyof Memory) =>
    (runs.get(name) ?? []).map((run, at) => run[key] - (baseline[at]?.[key] ?? NaN));
  console.log(`\nMemory, ${clients} connections: bytes a connection\n`);
  console.log(
    table(
      ['', 'heap', 'over the baseline', 'outside the heap', 'left after all went', 'descriptors'],
      [...runs].map(([name, of]) => {
        const values = (key: keyof Memory) => spreadOf(of, (run) => run[key], 0);
        return [
          CONTENDERS[name].name,
          values('heap'),
          spread(over(name, 'heap'), 0),
          values('external'),
          values('leftHeap'),
          values('leftDescriptors'),
        ];
      }),
    ),
  );
  return [
    {
      what: 'heap over the baseline, bytes a connection',
      values: over('module', 'heap'),
      atMost: 400,
      digits: 0,
    },
    {
      // More than after the crowd before it had gone: what grows with connections would show.
      what: 'left after all went, bytes a connection',
      values: (runs.get('module') ?? []).map((run) => run.leftHeap),
      atMost: 1,
      digits: 1,
    },
    {
      what: 'descriptors left after all went',
      values: (runs.get('module') ?? []).map((run) => run.leftDescriptors),
      atMost: 0,
      digits: 0,
    },
  ];
}

async function measure(bench: Bench, contender: Contender, clients: number): Promise<Memory> {
  const settings = { ...bench.times, clients };
  const { server, port } = await startServer(contender, bench.bun, settings);
  const started = [server];
  try {
    // What comes with the first connections, such as compiled code, is no connection's.
    await comeAndGo(clients);
    const before = await server.ask<Heap>('heap');
    const descriptors = await server.ask<number>('descriptors');
    let full: Heap = before;
    await comeAndGo(clients, async () => {
      full = await server.ask<Heap>('heap');
    });
    const after = await server.ask<Heap>('heap');
    return {
      heap: (full.heap - before.heap) / clients,
      external: (full.external - before.external) / clients,
      leftHeap: (after.heap - before.heap) / clients,
      leftDescriptors: (await server.ask<number>('descriptors')) - descriptors,
    };
  } finally {
    for (const program of started) await program.stop();
  }

  /** So many clients come, live through some heartbeats, and go. */
  async function comeAndGo(clients: number, meanwhile?: () => Promise<void>): Promise<void> {
    const crowds = await startCrowds(contender, port, { ...settings, clients });
    started.push(...crowds);
    // A connection on which something has come holds more than one that is new, whoever pings it.
    await Promise.all(crowds.map((crowd) => crowd.ask('say')));
    await sleep(3 * settings.interval);
    await meanwhile?.();
    await Promise.all(crowds.map((crowd) => crowd.ask('leave')));
    await sleep(settings.timeout);
    for (const crowd of crowds) await crowd.stop();
  }
}

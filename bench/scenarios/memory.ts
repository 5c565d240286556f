import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../support/bench.js';
import { CONTENDERS, type Contender, type ContenderName } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import type { Heap } from '../support/server.js';
import { spread, spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import { startCrowds, startServer } from '../support/trial.js';

/** Bytes and descriptors per connection. */
interface Memory {
  readonly heap: number;
  readonly external: number;
  /** Left after all clients disconnected. */
  readonly leftHeap: number;
  readonly leftDescriptors: number;
}

/** Memory of a connection, and whether it is released. */
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
      [
        '',
        'heap',
        'over the baseline',
        'outside the heap',
        'left after all clients disconnected',
        'descriptors',
      ],
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
      atMost: 450,
      digits: 0,
    },
    {
      // Compared with the state after an earlier crowd: a leak per connection shows.
      what: 'left after all clients disconnected, bytes a connection',
      values: (runs.get('module') ?? []).map((run) => run.leftHeap),
      atMost: 1,
      digits: 1,
    },
    {
      what: 'descriptors left after all clients disconnected',
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
    // The first connections also allocate what all share, such as compiled code.
    await connectAndDisconnect(clients);
    const before = await server.call<Heap>('heap');
    const descriptors = await server.call<number>('descriptors');
    let full: Heap = before;
    await connectAndDisconnect(clients, async () => {
      full = await server.call<Heap>('heap');
    });
    const after = await server.call<Heap>('heap');
    return {
      heap: (full.heap - before.heap) / clients,
      external: (full.external - before.external) / clients,
      leftHeap: (after.heap - before.heap) / clients,
      leftDescriptors: (await server.call<number>('descriptors')) - descriptors,
    };
  } finally {
    for (const program of started) await program.stop();
  }

  /** Connects `clients` clients, waits for some heartbeats, and disconnects them. */
  async function connectAndDisconnect(
    clients: number,
    meanwhile?: () => Promise<void>,
  ): Promise<void> {
    const crowds = await startCrowds(contender, port, { ...settings, clients });
    started.push(...crowds);
    // A connection that received something holds more than a new one, with every contender.
    await Promise.all(crowds.map((crowd) => crowd.call('sendMessage')));
    await sleep(3 * settings.interval);
    await meanwhile?.();
    await Promise.all(crowds.map((crowd) => crowd.call('disconnect')));
    await sleep(settings.timeout);
    for (const crowd of crowds) await crowd.stop();
  }
}

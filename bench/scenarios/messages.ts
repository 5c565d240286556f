import type { Bench } from '../support/bench.js';
import type { NestSettings } from '../servers/nest.js';
import { Program } from '../support/program.js';
import { ratios, type Finding } from '../support/finding.js';
import { spreadOf } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { MessagesSettings } from './messages.client.js';

const CLIENTS = 25;
const WINDOW = 20;
/** Messages that warm up the compiler before the measurement. */
const WARM_UP = 50_000;

/** Only the module uses times, and it runs with its defaults. */
const TIMES = { interval: 0, timeout: 0 };

/** The servers that are compared. */
const SERVERS: Record<string, Pick<NestSettings, 'heartbeat'>> = {
  'without the module': { heartbeat: false },
  'with the module, without the protocol': { heartbeat: { event: false } },
  'with the module': { heartbeat: {} },
};

interface Run {
  /** Messages per second. */
  readonly throughput: number;
  /** Processor time of the server per message, in µs. */
  readonly cpu: number;
}

/** Messages per second of a gateway, with and without the module. */
export async function messages(bench: Bench): Promise<Finding[]> {
  const count = bench.isShort ? 5_000 : 50_000;
  const pairs = bench.repetitions(9);
  const servers = await Promise.all(
    Object.entries(SERVERS).map(async ([name, settings]) => ({
      name,
      runs: [] as Run[],
      ...(await start(settings)),
    })),
  );
  for (const { client } of servers) await client.call('run', bench.isShort ? count : WARM_UP);
  for (let pair = 0; pair < pairs; pair++) {
    // The order is reversed every second time, so that other load on the machine affects all alike.
    for (const server of pair % 2 ? servers.toReversed() : servers) {
      const before = await server.program.call<number>('cpu');
      const time = await server.client.call<number>('run', count);
      const after = await server.program.call<number>('cpu');
      server.runs.push({ throughput: count / (time / 1_000), cpu: (after - before) / count });
    }
  }
  for (const { client, program } of servers) await Promise.all([client.stop(), program.stop()]);

  console.log(`\nMessages: ${count} a run, ${CLIENTS} clients, ${pairs} interleaved runs\n`);
  console.log(
    table(
      ['', 'messages/s', 'µs of processor time a message'],
      servers.map(({ name, runs }) => [
        name,
        spreadOf(runs, (run) => run.throughput, 0),
        spreadOf(runs, (run) => run.cpu, 2),
      ]),
    ),
  );
  const [off, quiet, on] = servers.map(({ runs }) => runs.map((run) => run.throughput));
  return [
    { what: 'throughput with ÷ without the module', values: ratios(on, off), atLeast: 0.98 },
    { what: 'throughput with ÷ without the protocol', values: ratios(on, quiet), atLeast: 0.97 },
  ];
}

async function start(
  settings: Pick<NestSettings, 'heartbeat'>,
): Promise<{ program: Program; client: Program }> {
  const program = await Program.start('servers/nest.js', {
    ...TIMES,
    watch: false,
    ...settings,
  } satisfies NestSettings);
  const client = await Program.start('scenarios/messages.client.js', {
    port: await program.call<number>('port'),
    clients: CLIENTS,
    window: WINDOW,
  } satisfies MessagesSettings);
  return { program, client };
}

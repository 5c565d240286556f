import type { NestSettings } from '../servers/nest.js';
import { Program } from '../support/program.js';
import { median, spread } from '../support/statistics.js';
import type { MessagesSettings } from './messages.client.js';

const CLIENTS = 25;
const WINDOW = 20;
/** What is sent before anything is measured: until the compiler has seen enough. */
const WARM_UP = 50_000;

/** What is compared, each with the one before it. */
const SERVERS: Record<string, NestSettings> = {
  'without the module': { heartbeat: false },
  'with the module, without the protocol': { heartbeat: { event: false } },
  'with the module': { heartbeat: {} },
};

interface Run {
  /** Messages a second. */
  readonly throughput: number;
  /** Microseconds of the server's processor time a message. */
  readonly cpu: number;
}

/** How many messages a gateway handles in a second, with the module and without. */
export async function messages({ pairs, isShort }: { pairs: number; isShort: boolean }) {
  const count = isShort ? 5_000 : 50_000;
  const servers = await Promise.all(
    Object.entries(SERVERS).map(async ([name, settings]) => ({
      name,
      runs: [] as Run[],
      ...(await start(settings)),
    })),
  );
  for (const { client } of servers) await client.ask('run', isShort ? count : WARM_UP);
  for (let pair = 0; pair < pairs; pair++) {
    // Each comes first as often as last: what the machine does meanwhile is shared out.
    for (const server of pair % 2 ? servers.toReversed() : servers) {
      const before = await server.program.ask<number>('cpu');
      const time = await server.client.ask<number>('run', count);
      const after = await server.program.ask<number>('cpu');
      server.runs.push({ throughput: count / (time / 1_000), cpu: (after - before) / count });
    }
  }
  for (const { client, program } of servers) await Promise.all([client.stop(), program.stop()]);

  console.log(`\nMessages: ${count} a run, ${CLIENTS} clients, ${pairs} interleaved runs\n`);
  for (const { name, runs } of servers) {
    const throughput = Math.round(median(runs.map((run) => run.throughput)));
    const cpu = median(runs.map((run) => run.cpu)).toFixed(2);
    console.log(`${name}: ${throughput} messages/s, ${cpu} µs of processor time a message`);
  }
  const [off, quiet, on] = servers;
  if (off === undefined || quiet === undefined || on === undefined) return;
  for (const [what, upper, lower] of [
    ['with ÷ without the protocol', on, quiet],
    ['with ÷ without the module', on, off],
  ] as const) {
    const ratios = upper.runs.map(
      ({ throughput }, run) => throughput / (lower.runs[run]?.throughput ?? NaN),
    );
    console.log(`throughput ${what}: ${spread(ratios)}`);
  }
}

async function start(settings: NestSettings): Promise<{ program: Program; client: Program }> {
  const program = await Program.start('servers/nest.js', settings);
  const client = await Program.start('scenarios/messages.client.js', {
    port: await program.ask<number>('port'),
    clients: CLIENTS,
    window: WINDOW,
  } satisfies MessagesSettings);
  return { program, client };
}

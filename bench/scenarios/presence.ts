import { setTimeout as sleep } from 'node:timers/promises';
import type { PresenceSettings, RoundTrips } from '../servers/presence.js';
import type { Bench } from '../support/bench.js';
import { CONTENDERS } from '../support/contender.js';
import type { Finding } from '../support/finding.js';
import { Program } from '../support/program.js';
import { RedisProcess } from '../support/redis.process.js';
import type { Heap, LoopDelay } from '../support/server.js';
import { quantile } from '../support/statistics.js';
import { table } from '../support/table.js';
import { startCrowds } from '../support/trial.js';

const NODES = 3;
const BLOCKS = 5;
/** How often a key count is read until it is 0. Milliseconds. */
const POLL = 50;

/** The defaults of presence; a key that survives a renewal that fails; how long commands are counted. Milliseconds. */
const TIMES = { renew: 5_000, lease: 15_000, every: 25_000, after: 60_000, window: 50_000 };
const SHORT_TIMES = { renew: 200, lease: 600, every: 400, after: 1_000, window: 1_000 };

/** What one way costs while all clients are present, and after a crash. */
interface Way {
  /** Commands a second. */
  readonly commands: number;
  /** Processor time of Redis, in % of one processor. */
  readonly cpu: number;
  /** Until the last client of a killed process is gone, in s. */
  readonly ghosts: number;
}

/** Programs that are started in a run. */
class Started {
  private readonly all: { stop(): Promise<void> }[] = [];

  async keep<Type extends { stop(): Promise<void> }>(starting: Promise<Type>): Promise<Type> {
    const program = await starting;
    this.all.push(program);
    return program;
  }

  async stop(): Promise<void> {
    for (const program of this.all.splice(0).toReversed()) await program.stop();
  }
}

/** What presence in Redis costs, beside a key with EXPIRE for each client. */
export async function presence(bench: Bench): Promise<Finding[]> {
  const clients = bench.isShort ? 100 : 10_000;
  const started = new Started();
  try {
    const { way, findings } = await measureModule(bench, started, clients);
    await started.stop();
    const common = await measureCommonWay(bench, started, clients);
    console.log(`\nPresence of ${clients} clients in Redis\n`);
    console.log(
      table(
        ['', 'commands a second', 'processor of Redis %', 'gone after kill -9, s'],
        [row(`this module, ${NODES} nodes`, way), row('a key with EXPIRE for each client', common)],
      ),
    );
    return findings;
  } finally {
    await started.stop();
  }
}

function row(name: string, { commands, cpu, ghosts }: Way): string[] {
  return [name, commands.toFixed(2), cpu.toFixed(2), ghosts.toFixed(1)];
}

async function measureModule(
  bench: Bench,
  started: Started,
  clients: number,
): Promise<{ way: Way; findings: Finding[] }> {
  const { window, renew } = timesOf(bench);
  const redis = await started.keep(RedisProcess.start());
  const start = () => startServer(bench, started, redis, true);
  const [node, observer, idle] = [await start(), await start(), await start()];
  await Promise.all([node, observer, idle].map((program) => program.call('untilCount', 0)));
  // They connect, subscribe and renew once.
  await sleep(renew);
  const commandsWithout = await redis.commandsIn(window);

  await connect(bench, started, node, clients);
  await node.call('prepare');
  const before = await node.call<Heap>('heap');
  for (const program of [node, idle]) await program.call('startDelay');
  const joining = performance.now();
  await Promise.all([node.call('join'), observer.call('untilCount', clients)]);
  const joined = performance.now() - joining;
  const delay = await node.call<LoopDelay>('stopDelay');
  const idleDelay = await idle.call<LoopDelay>('stopDelay');
  const after = await node.call<Heap>('heap');

  const blocks: RoundTrips[] = [];
  await observer.call('roundTrips', clients / BLOCKS);
  for (let block = 0; block < BLOCKS; block++)
    blocks.push(await observer.call<RoundTrips>('roundTrips', clients / BLOCKS));
  const way = await costOf(bench, redis, node, () => observer.call('untilCount', 0));

  const best = (what: keyof RoundTrips) =>
    Math.min(...blocks.map((block) => quantile(block[what], 0.99)));
  const expected = NODES * (window / renew);
  const findings: Finding[] = [
    {
      what: 'commands without clients ÷ (nodes / renew)',
      values: [commandsWithout / expected],
      atMost: 1.1,
    },
    {
      what: 'commands with all clients ÷ (nodes / renew)',
      values: [(way.commands * (window / 1_000)) / expected],
      atMost: 1.1,
    },
    { what: 'all join at once, ms until seen', values: [joined], atMost: 2_000, digits: 0 },
    { what: 'longest loop delay meanwhile, ms', values: [delay.max], atMost: 20, digits: 1 },
    { what: '… of a process that does nothing, ms', values: [idleDelay.max], digits: 1 },
    {
      what: 'p99 of isPresent() ÷ of a bare GET, the best block of each',
      values: [best('isPresent') / best('get')],
      atMost: 3,
    },
    { what: '… p99 of isPresent(), ms', values: [best('isPresent')] },
    {
      what: 'heap over the core, bytes a client, without its key',
      values: [(after.heap - before.heap) / clients],
      atMost: 300,
      digits: 0,
    },
  ];
  return { way, findings };
}

async function measureCommonWay(bench: Bench, started: Started, clients: number): Promise<Way> {
  const redis = await started.keep(RedisProcess.start());
  const server = await startServer(bench, started, redis, false);
  await connect(bench, started, server, clients);
  await server.call('prepare');
  await server.call('join');
  return costOf(bench, redis, server, async () => {
    while ((await redis.size()) > 0) await sleep(POLL);
  });
}

/** Counts commands and processor time one after the other, because counting costs some. Then kills the process. */
async function costOf(
  bench: Bench,
  redis: RedisProcess,
  server: Program,
  allGone: () => Promise<unknown>,
): Promise<Way> {
  const { window } = timesOf(bench);
  const before = await redis.cpu();
  await sleep(window);
  const cpu = (await redis.cpu()) - before;
  const commands = await redis.commandsIn(window);
  const killed = performance.now();
  await server.stop();
  await allGone();
  const seconds = window / 1_000;
  return {
    commands: commands / seconds,
    cpu: (100 * cpu) / seconds,
    ghosts: (performance.now() - killed) / 1_000,
  };
}

function timesOf({ isShort }: Bench): typeof TIMES {
  return isShort ? SHORT_TIMES : TIMES;
}

function startServer(
  bench: Bench,
  started: Started,
  redis: RedisProcess,
  isPresence: boolean,
): Promise<Program> {
  const { renew, lease, every, after } = timesOf(bench);
  const settings = {
    ...HEARTBEAT,
    watch: false,
    redis: redis.port,
    expire: { every, after },
    ...(isPresence && { presence: { renew, lease } }),
  } satisfies PresenceSettings;
  const runtime = { execArgv: ['--expose-gc'] };
  return started.keep(Program.start('servers/presence.js', settings, runtime));
}

/** As in production. */
const HEARTBEAT = { interval: 25_000, timeout: 45_000 };

async function connect(
  bench: Bench,
  started: Started,
  server: Program,
  clients: number,
): Promise<void> {
  const port = await server.call<number>('port');
  const settings = { ...HEARTBEAT, clients };
  for (const crowd of await startCrowds(CONTENDERS.module, port, settings))
    await started.keep(Promise.resolve(crowd));
  // The first heartbeat of a connection takes memory, too.
  if (!bench.isShort) await sleep(HEARTBEAT.interval);
}

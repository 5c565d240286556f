import type { CrowdCounts, CrowdSettings } from '../clients/crowd.js';
import type { ProbeSettings } from '../clients/probe.js';
import { timesOf, type Contender, type Times } from './contender.js';
import { Program } from './program.js';
import type { ServerSettings } from './server.js';

/** The largest number of clients in one process. */
const PER_PROCESS = 5_000;

export interface TrialSettings extends Times {
  readonly clients: number;
  readonly pongAfter?: readonly [number, number];
  /** The share of the clients that chat. */
  readonly chatting?: number;
  readonly watch?: boolean;
}

/** Round-trip times as on the internet, in ms. */
const PONG_AFTER = [20, 220] as const;

/** One server, its clients and a probe, in separate processes. */
export class Trial {
  private constructor(
    readonly server: Program,
    readonly crowds: readonly Program[],
    readonly probe: Program,
  ) {}

  static async start(
    contender: Contender,
    bun: string | undefined,
    settings: TrialSettings,
  ): Promise<Trial> {
    const { server, port } = await startServer(contender, bun, settings);
    const [crowds, probe] = await Promise.all([
      startCrowds(contender, port, settings),
      startProbe(contender, port),
    ]);
    return new Trial(server, crowds, probe);
  }

  async counts(): Promise<CrowdCounts> {
    return addCounts(
      await Promise.all(this.crowds.map((crowd) => crowd.call<CrowdCounts>('counts'))),
    );
  }

  async stop(): Promise<void> {
    // The server stops first, so that it does not handle the disconnects.
    await this.server.stop();
    await Promise.all([this.probe, ...this.crowds].map((program) => program.stop()));
  }
}

/** The counts of several crowds together. */
export function addCounts(all: readonly CrowdCounts[]): CrowdCounts {
  return all.reduce((sum, counts) => ({
    open: sum.open + counts.open,
    closed: sum.closed + counts.closed,
    cycles: sum.cycles + counts.cycles,
    pings: sum.pings + counts.pings,
    answers: sum.answers + counts.answers,
    lateness: Math.max(sum.lateness, counts.lateness),
  }));
}

export async function startServer(
  contender: Contender,
  bun: string | undefined,
  settings: TrialSettings,
): Promise<{ server: Program; port: number }> {
  const times = timesOf(contender, settings);
  const server = await Program.start(
    contender.program,
    {
      interval: times.interval,
      timeout: times.timeout,
      watch: settings.watch ?? false,
      ...contender.settings?.(times),
    } satisfies ServerSettings,
    contender.isBun
      ? { ...(bun !== undefined && { execPath: bun }) }
      : { execArgv: ['--expose-gc'] },
  );
  return { server, port: await server.call<number>('port') };
}

export async function startCrowds(
  { dialect }: Contender,
  port: number,
  { clients, interval, pongAfter = PONG_AFTER, chatting = 0 }: TrialSettings,
): Promise<Program[]> {
  const processes = Math.max(1, Math.ceil(clients / PER_PROCESS));
  return Promise.all(
    Array.from({ length: processes }, (_, index) =>
      Program.start('clients/crowd.js', {
        port,
        dialect,
        clients: Math.floor((clients + index) / processes),
        interval,
        pongAfter,
        chatting,
        // More than one message between two checks, so that each check finds traffic.
        chatEvery: interval * 0.4,
      } satisfies CrowdSettings),
    ),
  );
}

export function startProbe({ dialect }: Contender, port: number): Promise<Program> {
  return Program.start('clients/probe.js', { port, dialect } satisfies ProbeSettings);
}

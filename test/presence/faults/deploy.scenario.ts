import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { RedisServer } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { until } from '../presence.node.js';
import { NodeProcess } from './node.process.js';
import { RoamingClient } from './roaming.clients.js';

interface DeploySettings {
  /** How many nodes are replaced, one after the other. */
  readonly nodes: number;
  readonly clients: number;
  /** The option `linger`, ms. */
  readonly linger: number;
}

const OPTIONS = { lease: 3_000, renew: 1_000, deadline: 2_000 };
/** Every tenth client leaves for good during the deployment. */
const LEAVING = 10;
/** The time between two clients that a node closes at its end, in ms. */
const CLOSE_INTERVAL = 20;
/** How long a client that leaves may be in transit, in ms. A ghost would be counted for at least a lease. */
const SETTLING = 2_000;
/** How far the times of a client and of the store may differ on a busy machine, in ms. */
const MARGIN = 500;

/** Replaces nodes while their clients reconnect. Expects that no client is reported as left that came back in time. */
export async function expectSmoothDeploy(settings: DeploySettings): Promise<void> {
  const { nodes: size, clients: count, linger } = settings;
  const redis = await RedisServer.start();
  const drainWithin = CLOSE_INTERVAL * (count / size);
  const start = () => NodeProcess.start({ redis, options: { ...OPTIONS, linger }, drainWithin });
  const running = await Promise.all(Array.from({ length: size }, start));
  let turn = 0;
  const clients = await RoamingClient.connectAll(
    count,
    () => (running[turn++ % running.length] as NodeProcess).url,
  );
  const staying = clients.filter((_, index) => index % LEAVING > 0);
  const leaving = clients.filter((client) => !staying.includes(client));

  const observer = await start();
  await until(async () => (await observer.count()) === count, 'all clients are present');
  const sampling = new CountSampling(observer, clients);
  running.push(observer);
  for (let replaced = 0; replaced < size; replaced++) {
    const old = running.shift() as NodeProcess;
    for (const client of leaving.filter((_, index) => index % size === replaced)) client.leave();
    await old.child.terminate();
    if (replaced < size - 1) running.push(await start());
  }
  await until(() => staying.every(({ isOpen }) => isOpen), 'all are connected again', 30_000);
  await until(async () => (await observer.count()) === staying.length, 'the count is right');
  const areReported = async () => (await leftOf(observer)).length >= leaving.length;
  await until(areReported, 'those that left are reported', 10_000);
  const samples = await sampling.stop();

  const expected = staying.map(({ key }) => key).toSorted();
  for (const node of running) expect(await node.keys()).toEqual(expected);
  const moves = staying.flatMap(({ gaps }) => gaps);
  const left = await leftOf(observer);
  report(
    `${moves.length} moves, the longest took ${longest(moves).toFixed(0)} ms; ${left.length} left, ` +
      `${leaving.length} for good; ${samples.length} counts`,
  );
  expect(samples.filter(({ counted, most }) => counted > most)).toEqual([]);
  expect(moves.length).toBeGreaterThanOrEqual(staying.length);
  for (const { key, at } of left) {
    const absences = clients.find((client) => client.key === key)?.absences ?? [];
    const isLong = ({ from, to }: { from: number; to: number }) =>
      from - MARGIN <= at && to - from >= linger - MARGIN;
    expect([key, absences.some(isLong)]).toEqual([key, true]);
  }
}

/** What a node reported as left. */
async function leftOf(node: NodeProcess) {
  return (await node.changes()).filter(({ event }) => event.startsWith('-'));
}

function longest(gaps: readonly { from: number; to: number }[]): number {
  return Math.max(...gaps.map(({ from, to }) => to - from));
}

/** What a node counted, and how many clients had not left for good. */
interface CountSample {
  readonly counted: number;
  readonly most: number;
}

/** Counts the present keys again and again. */
class CountSampling {
  private isStopped = false;
  private readonly sampling: Promise<CountSample[]>;

  constructor(
    private readonly node: NodeProcess,
    private readonly clients: readonly RoamingClient[],
  ) {
    this.sampling = this.run();
  }

  stop(): Promise<readonly CountSample[]> {
    this.isStopped = true;
    return this.sampling;
  }

  private async run(): Promise<CountSample[]> {
    const samples: CountSample[] = [];
    for (; !this.isStopped; await delay(20)) {
      const before = performance.now() - SETTLING;
      const most = this.clients.filter(({ endedAt }) => endedAt > before).length;
      samples.push({ counted: await this.node.count(), most });
    }
    return samples;
  }
}

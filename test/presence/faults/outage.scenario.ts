import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { RedisServer } from '../../support/redis.server.js';
import { report } from '../../support/report.js';
import { until } from '../presence.node.js';
import { Crowd } from './crowd.js';
import { healingTime, NodeProcess, type NodeSettings, SHORT_LEASE } from './node.process.js';

export interface OutageSettings extends Pick<NodeSettings, 'driver'> {
  /** How long the store is away, in ms. */
  readonly outage: number;
  /** Queries a second meanwhile. */
  readonly rate: number;
  /** Clients of each node. */
  readonly clients: number;
}

/** What a busy machine may take longer, in ms. */
const SLACK = 1_000;
/** What the contract permits. */
const MOST_UNANSWERED = 1_000;

/** How the store goes away, and comes back. `backAt`: since when a node could reach it again. */
interface Fault {
  begin(server: RedisServer): void | Promise<void>;
  end(server: RedisServer): void | Promise<void>;
}

export const FAULTS: Record<'killed' | 'stopped', Fault> = {
  killed: { begin: (server) => server.kill(), end: (server) => server.restart() },
  stopped: { begin: (server) => server.freeze(), end: (server) => server.thaw() },
};

/** Two nodes with clients, whose store goes away and comes back. */
export async function expectHealed(
  { begin, end }: Fault,
  { outage, rate, clients, driver = 'ioredis' }: OutageSettings,
): Promise<void> {
  const server = await RedisServer.start();
  const settings = { redis: server, driver };
  const nodes = await Promise.all([NodeProcess.start(settings), NodeProcess.start(settings)]);
  const [near, far] = nodes;
  const crowds = [
    await Crowd.connect(near.url, 'near', clients),
    await Crowd.connect(far.url, 'far', clients),
  ];
  const keys = crowds.flatMap((crowd) => crowd.keys).toSorted();
  const isWhole = async () =>
    (await Promise.all(nodes.map((node) => node.keys().catch(() => [])))).every(
      (known) => known.length === keys.length,
    );
  await until(isWhole, 'all clients are present');
  await until(async () => (await near.events()).length === keys.length, 'all changes are reported');

  await near.beginLoad(rate);
  const beganAt = performance.now();
  await begin(server);
  await expect(near.disconnect('far-0')).rejects.toThrow('presence store');
  await delay(outage - (performance.now() - beganAt));
  expect(await near.state()).toBe('stale');
  await expect(near.count()).rejects.toThrow('presence store');
  expect(await near.isPresent('near-0')).toBe(true);
  const endedAt = performance.now();
  await end(server);
  await until(isWhole, 'all clients are present again', 10_000);
  const healedAt = performance.now();
  await until(async () => (await near.state()) === 'current', 'the node is current');
  const { sent, codes, longest } = await near.endLoad();

  const reconnectedAt = Math.max(
    endedAt,
    ...(await Promise.all(nodes.map((node) => node.connectedAt()))),
  );
  const unanswered = await near.mostUnanswered();
  report(
    `${sent} queries, ${JSON.stringify(codes)}, at most ${longest.toFixed(0)} ms, ${unanswered} unanswered; ` +
      `reconnected after ${(reconnectedAt - endedAt).toFixed(0)} ms, then whole after ${(healedAt - reconnectedAt).toFixed(0)} ms`,
  );
  expect(healedAt - reconnectedAt).toBeLessThan(healingTime(SHORT_LEASE));
  expect(longest).toBeLessThan(SHORT_LEASE.deadline + SLACK);
  expect(Object.keys(codes)).toEqual(['PRESENCE_UNAVAILABLE']);
  expect(unanswered).toBeLessThanOrEqual(MOST_UNANSWERED);
  for (const node of nodes)
    expect((await node.events()).filter((event) => event.startsWith('-'))).toEqual([]);

  // An order that is carried out proves that no earlier one is outstanding.
  expect(await near.disconnect('far-1')).toEqual({ closed: 1, pending: [] });
  const [, farCrowd] = crowds as [Crowd, Crowd];
  await until(() => farCrowd.codes.length > 0, 'the client is closed');
  expect(crowds.map((crowd) => crowd.codes)).toEqual([[], [1000]]);
  expect(await near.isPresent('far-0')).toBe(true);
  for (const crowd of crowds) crowd.close();
}

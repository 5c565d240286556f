import { isDeepStrictEqual } from 'node:util';
import type { PresenceService } from 'nestjs-heartbeat/presence';
import type { ChangeFollower } from './change.follower.js';
import type { ModelNode } from './model.node.js';
import { KEYS, TOPICS } from './step.js';

/** A running node and the topics that it follows. */
export interface Member {
  readonly node: ModelNode;
  readonly followers: ReadonlyMap<string, ChangeFollower>;
}

/** A node that holds a key. */
interface Holder {
  readonly node: string;
  readonly meta?: unknown;
}

/** Where the answers of a node differ from the model. `running`: the nodes that run. */
export async function differencesOfQueries(
  { node: { presence } }: Member,
  running: readonly Member[],
): Promise<string[]> {
  const found: string[] = [];
  const demand = (what: string, actual: unknown, expected: unknown) => {
    if (isDeepStrictEqual(actual, expected)) return;
    found.push(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  };
  demand('state', presence.state, 'current');
  const nodes = (await presence.nodes()).map(({ id }) => id);
  demand('nodes()', nodes.toSorted(), running.map(({ node }) => node.id).toSorted());
  for (const topic of TOPICS) {
    const expected = expectedOf(topic, running);
    demand(`count(${topic})`, await presence.count(topic), expected.size);
    demand(`list(${topic})`, await listOf(presence, topic), sortedEntries(expected));
    for (const key of KEYS) {
      const isPresent = await presence.isPresent(key, topic);
      demand(`isPresent(${key}, ${topic})`, isPresent, expected.has(key));
    }
  }
  return found;
}

/** Where the changes that a node has reported lead to other keys than those of the model. */
export async function differencesOfChanges(
  { followers }: Member,
  running: readonly Member[],
): Promise<string[]> {
  const found: string[] = [];
  for (const [topic, follower] of followers) {
    await follower.list();
    const { members } = follower;
    const expected = expectedOf(topic, running);
    const wrong = [
      ...[...members].filter((key) => !expected.has(key)).map((key) => `+${key}`),
      ...[...expected.keys()].filter((key) => !members.has(key)).map((key) => `-${key}`),
    ];
    if (wrong.length > 0) found.push(`changes(${topic}) differ by ${wrong.join(' ')}`);
  }
  return found;
}

/** What the model expects: each key of a topic with the nodes that hold it, and the meta on each. */
function expectedOf(topic: string, running: readonly Member[]): Map<string, Holder[]> {
  const keys = new Map<string, Holder[]>();
  for (const { node } of running) {
    for (const [key, meta] of node.tracked.metasOf(topic)) {
      const holder = { node: node.id, ...(meta !== undefined && { meta }) };
      const holders = keys.get(key);
      if (holders === undefined) keys.set(key, [holder]);
      else holders.push(holder);
    }
  }
  return keys;
}

async function listOf(
  presence: PresenceService,
  topic: string,
): Promise<(readonly [string, Holder[]])[]> {
  const { entries } = await presence.list(topic, { limit: 1_000 });
  return entries.map(({ key, on }) => [key, sortedHolders(on)] as const);
}

function sortedEntries(keys: ReadonlyMap<string, Holder[]>): (readonly [string, Holder[]])[] {
  return [...keys]
    .map(([key, holders]) => [key, sortedHolders(holders)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function sortedHolders(holders: readonly Holder[]): Holder[] {
  return holders.toSorted((one, other) => (one.node < other.node ? -1 : 1));
}

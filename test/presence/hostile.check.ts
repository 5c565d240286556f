import { expect } from '@jest/globals';
import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import type { PresenceStore } from 'nestjs-heartbeat/presence';
import { systemClock } from '../../src/heartbeat.clock.js';
import { hostileValues, outcomeOf, type HostileValues } from './hostile.values.js';
import { ModelNode } from './model/model.node.js';
import { until } from './presence.node.js';

const TIMES = { lease: 60_000, renew: 20_000, linger: 0, deadline: 10_000 };

/** The keys of a topic, with their meta as text. */
type Stored = Map<string, string | undefined>;

/** Tracks random values on one node, and expects on another what the contract promises. */
export async function expectContract(connect: () => PresenceStore, numRuns: number): Promise<void> {
  Logger.overrideLogger(false);
  let runs = 0;
  const values = fc.array(hostileValues, { minLength: 30, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(values, async (list) => {
      const [writer, reader] = ['writer', 'reader'].map((name) => startNode(connect, name, ++runs));
      if (writer === undefined || reader === undefined) throw new Error('Two nodes');
      try {
        const expected = trackAll(writer, list);
        await until(async () => writer.presence.state === 'current', 'all is written');
        for (const [topic, keys] of expected) await expectStored(reader, topic, keys);
        for (const { key, topic } of list) {
          const isPresent = typeof key === 'string' && expected.get(topic)?.has(key) === true;
          expect(await reader.presence.isPresent(key as string, topic)).toBe(isPresent);
        }
      } finally {
        await Promise.all([writer.close(), reader.close()]);
      }
    }),
    { numRuns, seed: 20_261_127 },
  );
}

function startNode(connect: () => PresenceStore, name: string, run: number): ModelNode {
  return new ModelNode({
    id: `${name}-${run}`,
    store: connect(),
    time: systemClock,
    times: TIMES,
    latency: () => 0,
  });
}

/** Tracks each value with a client of its own. Returns what must be stored. */
function trackAll(node: ModelNode, list: readonly HostileValues[]): Map<string, Stored> {
  const topics = new Map<string, Stored>();
  for (const [slot, values] of list.entries()) {
    const { key, topic, meta } = values;
    const track = () => node.track(slot, key as string, { topic, meta });
    const outcome = outcomeOf(values);
    if (typeof outcome === 'boolean') expect(track()).toBe(outcome);
    else expect(track).toThrow(outcome);
    if (outcome !== true) continue;
    const keys: Stored = topics.get(topic) ?? new Map<string, string | undefined>();
    topics.set(topic, keys.set(key as string, JSON.stringify(meta)));
  }
  return topics;
}

async function expectStored({ presence }: ModelNode, topic: string, keys: Stored): Promise<void> {
  await until(async () => (await presence.count(topic)) === keys.size, 'all is stored');
  const stored: [string, string | undefined][] = [];
  let cursor: string | undefined;
  do {
    const page = await presence.list(topic, { limit: 7, ...(cursor && { cursor }) });
    for (const { key, on } of page.entries) stored.push([key, JSON.stringify(on[0]?.meta)]);
    cursor = page.cursor;
  } while (cursor !== undefined);
  const byBytes = ([one]: [string, unknown], [other]: [string, unknown]) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other));
  expect(stored).toEqual([...keys].toSorted(byBytes));
}

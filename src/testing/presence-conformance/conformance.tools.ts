import assert from 'node:assert/strict';
import type {
  PresenceBatch,
  PresenceItem,
  PresenceOrder,
  PresenceSession,
  PresenceStore,
} from '../../presence/presence.store.js';
import { LEASE, type Member } from './conformance.member.js';

/** A demand on a store. Rejects if it is not met. */
export type StoreCase = (store: PresenceStore) => Promise<void>;

export const TOPIC = 'online';

/** An order to close the clients of a key. */
export const order = (from: string, key: string, id = 'order-1'): PresenceOrder => ({
  id,
  from,
  topic: TOPIC,
  key,
  code: 1000,
  reason: 'bye',
});

/** The keys of a topic on all nodes. */
export const keysOf = async (session: PresenceSession, topic = TOPIC, limit = 1_000) =>
  (await session.read(topic, { limit })).flatMap(({ items }) => items.map(([key]) => key));

/** Entries without meta. */
export const put = (...keys: string[]): PresenceItem[] =>
  keys.map((key) => ({ topic: TOPIC, key }));

/** Writes a batch, in which nothing is put and removed by default. */
export const write = (session: PresenceSession, version: number, batch: Partial<PresenceBatch>) =>
  session.write({ version, put: [], remove: [], ...batch });

/** What the store has of a node. */
export const ownState = async ({ session, id }: Member) => {
  const { nodes } = await session.renew(LEASE, false);
  const own = nodes.find((node) => node.id === id);
  assert.ok(own, 'renew() returns the own node');
  return own;
};

import type { PresenceItem, PresenceMessage, PresenceOrder } from '../presence.store.js';

/** An entry as it is stored: topic and key, separated by NUL. */
export function memberOf(topic: string, key: string): string {
  return `${topic}\0${key}`;
}

/** A batch as it is stored and sent. `put` and `remove` are members. */
interface Members {
  readonly type: 'changed';
  readonly node: string;
  readonly version: number;
  readonly put: readonly string[];
  readonly remove: readonly string[];
}

/** An order as the scripts write it: `upTo` is the version of its holder. */
interface StoredOrder {
  readonly type: 'order';
  readonly upTo: number | null;
  readonly order: PresenceOrder;
}

type SentMessage = Exclude<PresenceMessage, { type: 'changed' | 'order' }>;

export function encodeMembers(
  node: string,
  version: number,
  put: readonly PresenceItem[],
  remove: readonly (readonly [topic: string, key: string])[],
): string {
  const members: Members = {
    type: 'changed',
    node,
    version,
    put: put.map(({ topic, key }) => memberOf(topic, key)),
    remove: remove.map(([topic, key]) => memberOf(topic, key)),
  };
  return JSON.stringify(members);
}

export function encodeMessage(message: SentMessage): string {
  return JSON.stringify(message);
}

export function decodeMessage(text: string): PresenceMessage {
  const message = JSON.parse(text) as Members | StoredOrder | SentMessage;
  switch (message.type) {
    case 'changed':
      return { ...message, put: message.put.map(entryOf), remove: message.remove.map(entryOf) };
    case 'order':
      return { type: 'order', order: orderOf(message) };
    case 'acknowledged':
    case 'gone':
    case 'rewritten':
      return message;
  }
}

/** Reads an order of a reply. */
export function decodeOrder(text: string): PresenceOrder {
  return orderOf(JSON.parse(text) as StoredOrder);
}

function orderOf({ order, upTo }: StoredOrder): PresenceOrder {
  return upTo === null ? order : { ...order, upTo };
}

function entryOf(member: string): [topic: string, key: string] {
  const end = member.indexOf('\0');
  return [member.slice(0, end), member.slice(end + 1)];
}

import type { PresenceNodeState, PresenceRenewal } from '../presence.store.js';
import { decodeOrder } from './redis.messages.js';

// A driver can be set to return Buffers for text, or text for numbers.

/** The reply of a script that is a list. */
export function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new TypeError('The store sent an unexpected reply.');
  return reply;
}

export function textsOf(reply: unknown): string[] {
  return listOf(reply).map(textOf);
}

function textOf(reply: unknown): string {
  return Buffer.isBuffer(reply) ? reply.toString() : (reply as string);
}

/** The reply of `RENEW`. */
export function renewalOf(reply: unknown): PresenceRenewal {
  const [now, held, nodes, orders] = listOf(reply);
  const texts = textsOf(orders).filter((_, index) => index % 2 === 1);
  return {
    now: Number(now),
    held: Number(held) === 1,
    nodes: listOf(nodes).map(nodeOf),
    orders: texts.map(decodeOrder),
  };
}

function nodeOf(reply: unknown): PresenceNodeState {
  const [id, leaseLeft, version, draining, keys, metas] = listOf(reply);
  return {
    id: textOf(id),
    leaseLeft: Number(leaseLeft),
    draining: textOf(draining) === '1',
    ...(version === null ? {} : { version: Number(textOf(version)) }),
    keys: Number(keys),
    metas: Number(metas),
  };
}

/** A page of one node. `more`: the node has keys behind it. */
export interface StoredPage {
  readonly node: string;
  readonly version: number;
  readonly more: boolean;
  readonly items: readonly (readonly [key: string, meta?: string])[];
}

/** The reply of `READ`. */
export function pagesOf(reply: unknown): StoredPage[] {
  return listOf(reply).map((page) => {
    const [node, version, more, keys, metas] = listOf(page);
    const metaOf = listOf(metas);
    return {
      node: textOf(node),
      version: Number(textOf(version)),
      more: Number(more) === 1,
      items: textsOf(keys).map((key, index) => {
        const meta = metaOf[index];
        return meta === null || meta === undefined ? [key] : [key, textOf(meta)];
      }),
    };
  });
}

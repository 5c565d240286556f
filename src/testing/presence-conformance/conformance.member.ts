import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  PresenceMessage,
  PresenceSession,
  PresenceStore,
} from '../../presence/presence.store.js';

/** Long enough that it does not end within a case. Milliseconds. */
export const LEASE = 60_000;
/** How long a message may take. Milliseconds. */
const PATIENCE = 5_000;

/** The end of a lease is a moment on the store's clock, which no event reports. */
export const wait = (ms: number): Promise<void> => delay(ms);

type MessageOf<Type extends PresenceMessage['type']> = Extract<PresenceMessage, { type: Type }>;

/** A session of a store, and the messages that it received. */
export class Member {
  readonly session: PresenceSession;
  /** Messages that `next()` has not returned. */
  readonly messages: PresenceMessage[] = [];
  private readonly received = new EventEmitter();

  constructor(
    store: PresenceStore,
    readonly id: string,
  ) {
    this.session = store.open(id, (message) => {
      this.messages.push(message);
      this.received.emit('message');
    });
  }

  /** The next message of a type. Others before it stay. */
  async next<Type extends PresenceMessage['type']>(type: Type): Promise<MessageOf<Type>> {
    const signal = AbortSignal.timeout(PATIENCE);
    for (;;) {
      const index = this.messages.findIndex((message) => message.type === type);
      if (index >= 0) return this.messages.splice(index, 1)[0] as MessageOf<Type>;
      await once(this.received, 'message', { signal });
    }
  }
}

type Members<Names extends string[]> = { [Index in keyof Names]: Member };

/** Opens sessions that hold a lease. */
export async function openMembers<Names extends string[]>(
  store: PresenceStore,
  ...names: Names
): Promise<Members<Names>> {
  const members = names.map((name) => new Member(store, `${name}-${randomUUID()}`));
  for (const { session } of members) await session.renew(LEASE, false);
  return members as Members<Names>;
}

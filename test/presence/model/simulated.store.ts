import {
  MemoryPresenceStore,
  type PresenceMessage,
  type PresenceSession,
  type PresenceStore,
} from 'nestjs-heartbeat/presence';
import type { HeartbeatClock } from 'nestjs-heartbeat/testing';
import { turn } from './simulated.time.js';

/** The session of a node. Another store can take the place of the inner one. */
interface OpenSession {
  inner: PresenceSession;
  readonly receive: (message: PresenceMessage) => void;
  isWatching: boolean;
}

/** A command that changes the store. */
interface Change {
  readonly at: number;
  readonly apply: () => Promise<unknown>;
}

/** A store on simulated time that can lose its data, or fail over to a replica that lacks the last changes. */
export class SimulatedStore implements PresenceStore {
  private inner: MemoryPresenceStore;
  private readonly sessions = new Map<string, OpenSession>();
  private changes: Change[] = [];

  constructor(private readonly time: HeartbeatClock) {
    this.inner = new MemoryPresenceStore(time);
  }

  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession {
    const session = { inner: this.inner.open(node, receive), receive, isWatching: false };
    this.sessions.set(node, session);
    const change = (apply: () => Promise<unknown>) => {
      this.changes.push({ at: this.time.now(), apply });
      return apply() as Promise<never>;
    };
    return {
      renew: (...args) => change(() => session.inner.renew(...args)),
      write: (...args) => change(() => session.inner.write(...args)),
      order: (...args) => change(() => session.inner.order(...args)),
      close: () => change(() => session.inner.close()),
      find: (...args) => session.inner.find(...args),
      read: (...args) => session.inner.read(...args),
      count: (...args) => session.inner.count(...args),
      acknowledge: (...args) => session.inner.acknowledge(...args),
      watch: () => {
        session.isWatching = true;
        return session.inner.watch();
      },
    };
  }

  /** Loses all that was written in the last `ms`. Connections and subscriptions stay. */
  async lose(ms: number): Promise<void> {
    const end = this.time.now() - ms;
    this.changes = this.changes.filter(({ at }) => at < end);
    let replayed: number | undefined = 0;
    this.inner = new MemoryPresenceStore({ now: () => replayed ?? this.time.now() });
    for (const [node, session] of this.sessions) {
      session.inner = this.inner.open(node, (message) => {
        if (replayed === undefined) session.receive(message);
      });
    }
    for (const { at, apply } of this.changes) {
      replayed = at;
      await apply().catch(() => {});
    }
    await turn();
    replayed = undefined;
    for (const { inner, isWatching } of this.sessions.values()) {
      if (isWatching) await inner.watch().catch(() => {});
    }
  }
}

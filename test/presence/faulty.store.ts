import {
  MemoryPresenceStore,
  type PresenceMessage,
  type PresenceSession,
  type PresenceStore,
} from 'nestjs-heartbeat/presence';
import { SESSION_METHODS, type SessionMethod } from './session.methods.js';

/** How a faulty store treats its commands. */
type Mode = 'working' | 'failing' | 'hanging';

/** A session that is open, as the inner store and its node see it. */
interface OpenSession {
  readonly receive: (message: PresenceMessage) => void;
  isWatching: boolean;
  inner: PresenceSession;
}

/** A store that can fail, hang, lose its data and lose messages, for all nodes or for one. */
export class FaultyStore implements PresenceStore {
  /** Names of all commands that reached the store or wait in its queue. */
  readonly commands: string[] = [];
  unanswered = 0;
  mostUnanswered = 0;
  private mode: Mode = 'working';
  private faultyNode: string | undefined;
  private losesMessages = false;
  private inner = new MemoryPresenceStore();
  private readonly sessions = new Map<string, OpenSession>();
  private queue: (() => void)[] = [];
  private readonly held = new Map<string, Promise<void>>();
  private readonly heldAnswers = new Map<string, Promise<void>>();

  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession {
    const filtered = (message: PresenceMessage) => {
      if (!this.losesMessages) receive(message);
    };
    const session = {
      receive: filtered,
      isWatching: false,
      inner: this.inner.open(node, filtered),
    };
    this.sessions.set(node, session);
    const methods = SESSION_METHODS.map((method) => [
      method,
      (...args: never[]) => this.run(node, method, args),
    ]);
    return Object.fromEntries(methods) as PresenceSession;
  }

  /** Every command is rejected. */
  fail(node?: string): void {
    this.mode = 'failing';
    this.faultyNode = node;
  }

  /** No command is answered until `work()`. They wait in a queue, as in a driver that reconnects. */
  hang(node?: string): void {
    this.mode = 'hanging';
    this.faultyNode = node;
  }

  /** Carries out what waits, and every further command. */
  work(): void {
    this.mode = 'working';
    this.faultyNode = undefined;
    this.losesMessages = false;
    const { queue } = this;
    this.queue = [];
    for (const send of queue) send();
  }

  loseMessages(): void {
    this.losesMessages = true;
  }

  /** Loses all leases, data and orders. Connections and subscriptions stay. */
  async loseData(): Promise<void> {
    this.inner = new MemoryPresenceStore();
    for (const node of this.sessions.keys()) await this.reopen(node);
  }

  /** Loses lease, data and orders of one node. */
  async loseDataOf(node: string): Promise<void> {
    const { losesMessages } = this;
    this.losesMessages = true;
    await this.sessions.get(node)?.inner.close();
    await this.reopen(node);
    this.losesMessages = losesMessages;
  }

  /** The next command of a name waits until the returned function is called. */
  holdNext(method: string): () => void {
    return hold(this.held, method);
  }

  /** The answer to the next command of a name waits until the returned function is called. */
  holdNextAnswer(method: string): () => void {
    return hold(this.heldAnswers, method);
  }

  private async reopen(node: string): Promise<void> {
    const session = this.sessions.get(node) as OpenSession;
    session.inner = this.inner.open(node, session.receive);
    if (session.isWatching) await session.inner.watch();
  }

  private async run(node: string, method: SessionMethod, args: never[]): Promise<unknown> {
    const session = this.sessions.get(node) as OpenSession;
    this.commands.push(method);
    const isFaulty = this.faultyNode === undefined || this.faultyNode === node;
    if (this.mode === 'failing' && isFaulty) throw new Error('The store is away.');
    this.mostUnanswered = Math.max(this.mostUnanswered, ++this.unanswered);
    try {
      if (this.mode === 'hanging' && isFaulty) {
        await new Promise<void>((resolve) => this.queue.push(resolve));
      }
      await take(this.held, method);
      if (method === 'watch') session.isWatching = true;
      if (method === 'close') this.sessions.delete(node);
      const call = session.inner[method] as (...given: never[]) => Promise<unknown>;
      const answer = await call.apply(session.inner, args);
      await take(this.heldAnswers, method);
      return answer;
    } finally {
      this.unanswered--;
    }
  }
}

function hold(held: Map<string, Promise<void>>, method: string): () => void {
  let release = () => {};
  held.set(method, new Promise<void>((resolve) => (release = resolve)));
  return () => release();
}

/** Waits if the next command of a name is held. */
async function take(held: Map<string, Promise<void>>, method: string): Promise<void> {
  const release = held.get(method);
  held.delete(method);
  await release;
}

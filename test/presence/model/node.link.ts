import type { HeartbeatClock } from 'nestjs-heartbeat/testing';
import type { PresenceMessage, PresenceSession, PresenceStore } from 'nestjs-heartbeat/presence';
import { SESSION_METHODS, type SessionMethod } from '../session.methods.js';
import type { ProcessClock } from './process.clock.js';

/** What happens to commands: they fail at once, wait until the link works, or are carried out without an answer. */
export type LinkMode = 'working' | 'failing' | 'hanging' | 'unanswered';

/** The connections of one node to the store, which can fail. What is sent over one of them arrives in order. */
export class NodeLink implements PresenceStore {
  losesMessages = false;
  private mode: LinkMode = 'working';
  private waiting: (() => void)[] = [];
  /** When the last command, answer and message arrive. */
  private readonly last = { command: 0, answer: 0, message: 0 };

  /** @param latency the time that the next command, answer or message takes, in ms */
  constructor(
    private readonly store: PresenceStore,
    private readonly time: HeartbeatClock,
    private readonly clock: ProcessClock,
    private readonly latency: () => number,
  ) {}

  get isWorking(): boolean {
    return this.mode === 'working';
  }

  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession {
    const session = this.store.open(node, (message) => this.deliver(() => receive(message)));
    const methods = SESSION_METHODS.map((method) => [
      method,
      (...args: never[]) => this.run(session, method, args),
    ]);
    return Object.fromEntries(methods) as PresenceSession;
  }

  become(mode: LinkMode): void {
    this.mode = mode;
    if (mode === 'hanging') return;
    const { waiting } = this;
    this.waiting = [];
    for (const goOn of waiting) goOn();
  }

  private async run(
    session: PresenceSession,
    method: SessionMethod,
    args: never[],
  ): Promise<unknown> {
    if (this.mode === 'failing') throw new Error('The store is away.');
    await new Promise<void>((resolve) => {
      this.time.setTimeout(() => this.pass(resolve), this.delayOf('command'));
    });
    const call = session[method] as (...given: never[]) => Promise<unknown>;
    const answer = await call.apply(session, args);
    const isLost = !this.isWorking;
    await new Promise<void>((resolve) => this.clock.receive(resolve, this.delayOf('answer')));
    if (isLost) throw new Error('The connection ended before the answer came.');
    return answer;
  }

  private deliver(receive: () => void): void {
    if (this.losesMessages || this.mode === 'failing') return;
    this.pass(() => this.clock.receive(receive, this.delayOf('message')));
  }

  private pass(goOn: () => void): void {
    if (this.mode === 'hanging') this.waiting.push(goOn);
    else goOn();
  }

  private delayOf(what: keyof typeof this.last): number {
    const now = this.time.now();
    this.last[what] = Math.max(this.last[what], now + this.latency());
    return this.last[what] - now;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { StartContext } from '../connections/start.context.js';
import { logger } from '../heartbeat.logger.js';
import { EntryWriter } from './entry.writer.js';
import { PresenceClock } from './presence.clock.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import type { PresenceNodeState, PresenceOrder, PresenceRenewal } from './presence.store.js';
import { RareWarning } from './presence.warnings.js';
import { RenewalRecord } from './renewal.record.js';
import { StoreCommands } from './store.commands.js';
import type { StoredCheck } from './stored.versions.js';

/** The part of `renew` by which a renewal comes earlier or later, so that nodes started together spread. */
const JITTER = 0.1;
/** The shortest time between a renewal and one that a failed write causes. Milliseconds. */
const SHORTEST_PAUSE = 1_000;

/** What happens with the answer to a renewal. */
export interface RenewalListener {
  /** Orders for this node, each once. */
  onOrders(orders: readonly PresenceOrder[]): void;
  /** All nodes, from the newest answer so far. */
  onNodes(nodes: readonly PresenceNodeState[], isSteady: boolean, sentAt: number): void;
  /** Whether the store was away, or lost data, within the last lease. */
  onDisturbed(isDisturbed: boolean): void;
}

/** The states of nodes, and when they were received. */
interface NodeStates {
  readonly nodes: readonly PresenceNodeState[];
  readonly at: number;
}

/** A renewal whose answer is missing. */
interface SentRenewal {
  readonly number: number;
  readonly sentAt: number;
  readonly check: StoredCheck;
}

/** Renews the lease of this node, and finds out whether the store still has its entries. */
@Injectable()
export class LeaseRenewal {
  readonly record: RenewalRecord;
  private readonly warning: RareWarning;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = true;
  private isDraining = false;
  private isCurrent = false;
  private lastFailed = true;
  private inFlight: Promise<PresenceRenewal> | undefined;
  private lastSentAt = -Infinity;
  private newestAnswered = 0;
  private sent = 0;
  private newestState: NodeStates = { nodes: [], at: 0 };
  private listener: RenewalListener | undefined;

  constructor(
    @Inject(PRESENCE_OPTIONS) private readonly options: ResolvedPresenceOptions,
    private readonly writer: EntryWriter,
    private readonly commands: StoreCommands,
    private readonly context: StartContext,
    private readonly clock: PresenceClock,
  ) {
    this.warning = new RareWarning(clock);
    this.record = new RenewalRecord(options.lease);
  }

  /** The states of all nodes in the newest answer. */
  get newest(): NodeStates {
    return this.newestState;
  }

  get state(): 'current' | 'stale' {
    return this.isCurrent ? 'current' : 'stale';
  }

  start(listener: RenewalListener): void {
    this.listener = listener;
    this.isStopped = false;
    this.context.run(() => this.renewInBackground());
  }

  stop(): void {
    this.isStopped = true;
    this.isCurrent = false;
    this.clock.clear(this.timer);
  }

  /** Announces to the other nodes that this one is shutting down. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    const renew = () => this.context.run(() => this.renewInBackground());
    if (this.inFlight === undefined) renew();
    else this.inFlight.then(renew, renew);
  }

  /** A write failed. The next renewal shows what the store has of it. */
  onWriteFailed(error: unknown): void {
    this.warn(error);
    const pause = this.lastSentAt + SHORTEST_PAUSE - this.clock.now();
    this.schedule(Math.max(0, Math.min(pause, this.options.renew)));
  }

  /** Everything is written. */
  onWritten(): void {
    if (this.lastFailed || this.isCurrent || this.isStopped) return;
    this.isCurrent = true;
    logger.log('Presence is current: the store has all clients of this node.');
  }

  /** Renews now, or returns the renewal in flight. */
  renew(): Promise<PresenceRenewal> {
    this.inFlight ??= this.send().finally(() => (this.inFlight = undefined));
    return this.inFlight;
  }

  private renewInBackground(): void {
    if (this.isStopped) return;
    const { renew } = this.options;
    this.schedule(renew * (1 + JITTER * (2 * Math.random() - 1)));
    this.renew().catch(() => {});
  }

  private schedule(delay: number): void {
    if (this.isStopped) return;
    this.clock.clear(this.timer);
    this.timer = this.clock.setTimeout(() => this.renewInBackground(), delay);
  }

  private async send(): Promise<PresenceRenewal> {
    const { lease } = this.options;
    const number = ++this.sent;
    const sentAt = this.clock.now();
    this.lastSentAt = sentAt;
    const check = this.writer.beginCheck();
    try {
      return await this.commands.run(
        async (session) => {
          const renewal = await session.renew(lease, this.isDraining).catch((error: unknown) => {
            this.writer.cancelCheck(check);
            throw error;
          });
          // Also for an answer after the deadline: a driver that reconnects sends what it had queued.
          this.onAnswer(renewal, { number, sentAt, check });
          return renewal;
        },
        { isOwn: true },
      );
    } catch (error) {
      if (number > this.newestAnswered) this.onFailure(error);
      throw error;
    }
  }

  private onAnswer(renewal: PresenceRenewal, sent: SentRenewal): void {
    if (this.isStopped) return;
    // Each order is returned once, so those of an older answer count, too. They come first: an exclusive entry that is
    // written again must not close the newer client which replaced it.
    this.listener?.onOrders(renewal.orders);
    if (sent.number > this.newestAnswered) this.onNewest(renewal, sent);
    else this.writer.cancelCheck(sent.check);
  }

  private onNewest(renewal: PresenceRenewal, { number, sentAt, check }: SentRenewal): void {
    const now = this.clock.now();
    this.newestAnswered = number;
    this.newestState = { nodes: renewal.nodes, at: now };
    this.record.onSuccess(renewal.held, renewal.now, now);
    this.lastFailed = false;
    const isComplete = this.writer.resume(check, this.ownState(renewal), this.record.isDisturbed);
    if (!isComplete) this.isCurrent = false;
    if (this.writer.isWritten) this.onWritten();
    this.listener?.onNodes(renewal.nodes, this.record.isSteady(now), sentAt);
    this.listener?.onDisturbed(this.record.isDisturbed);
  }

  private ownState({ nodes }: PresenceRenewal): PresenceNodeState | undefined {
    return nodes.find(({ id }) => id === this.options.id);
  }

  private onFailure(error: unknown): void {
    if (this.isStopped) return;
    this.record.onFailure();
    this.lastFailed = true;
    this.isCurrent = false;
    this.listener?.onDisturbed(true);
    this.warn(error);
  }

  private warn(error: unknown): void {
    if (this.isStopped) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.warning.log(
      () =>
        `Presence is not current: ${reason} Clients stay connected, and are written when it is back.`,
    );
  }
}

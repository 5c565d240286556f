import { Inject, Injectable } from '@nestjs/common';
import { Observable, Subject, takeUntil } from 'rxjs';
import { callIsolated } from '../connections/start.context.js';
import { ChangeEmitter } from './change.emitter.js';
import type { EntryBatch } from './entry.batch.js';
import { LocalPresence } from './local.presence.js';
import type { NewsMessage } from './node.copy.js';
import { PresenceClock } from './presence.clock.js';
import type { PresenceChange } from './presence.interfaces.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import type { PresenceNodeState } from './presence.store.js';
import { OUT_OF_TOUCH } from './renewal.record.js';
import { StoreCommands } from './store.commands.js';
import { TopicView } from './topic.view.js';

/** The time that a node takes to write everything anew once it has noticed a loss, in ms. */
const REWRITE_TIME = 1_000;

/** How the present keys of topics change. A topic without a subscriber costs nothing. */
@Injectable()
export class TopicChanges {
  private readonly views = new Map<string, TopicView>();
  private readonly completed = new Subject<void>();
  private isCompleted = false;
  private isDisturbed = false;
  /** When the last renewal succeeded, monotonic ms. */
  private renewedAt = 0;
  private watching: Promise<void> | undefined;

  constructor(
    @Inject(PRESENCE_OPTIONS) private readonly options: ResolvedPresenceOptions,
    private readonly local: LocalPresence,
    private readonly commands: StoreCommands,
    private readonly clock: PresenceClock,
  ) {}

  observe(topic: string): Observable<PresenceChange> {
    return new Observable<PresenceChange>((subscriber) => {
      if (this.isCompleted) return subscriber.complete();
      const emitter = new ChangeEmitter(
        topic,
        this.options.linger,
        (change) => callIsolated(() => subscriber.next(change)),
        this.clock,
        () => this.clock.now() - this.renewedAt > OUT_OF_TOUCH * this.options.lease,
      );
      const view = this.viewOf(topic);
      view.add(emitter);
      this.load(view).catch(() => {});
      return () => {
        emitter.stop();
        view.remove(emitter);
        if (view.isUnused && this.views.get(topic) === view) this.views.delete(topic);
      };
    }).pipe(takeUntil(this.completed));
  }

  /** Waits until every further change of a topic is reported to its subscribers. */
  async whenLoaded(topic: string): Promise<void> {
    const view = this.views.get(topic);
    if (view !== undefined) await this.load(view);
  }

  onMessage(message: NewsMessage): void {
    for (const view of this.views.values()) view.onMessage(message);
  }

  /** Entries of this node were stored. */
  onStored({ put, remove }: EntryBatch): void {
    for (const [topic, view] of this.views) {
      view.onOwn(
        put.filter((item) => item.topic === topic).map(({ key }) => key),
        remove.filter(([of]) => of === topic).map(([, key]) => key),
      );
    }
  }

  /** All entries of this node were stored. */
  onRewritten(): void {
    for (const view of this.views.values()) view.onOwnRewritten();
  }

  /** A renewal returned the state of all nodes. */
  onNodes(nodes: readonly PresenceNodeState[], isSteady: boolean, sentAt: number): void {
    this.renewedAt = this.clock.now();
    for (const view of this.views.values()) {
      if (view.isLoaded) view.onNodes(nodes, isSteady, sentAt);
      else this.load(view).catch(() => {});
    }
  }

  /** While the store is away, and for a lease after it, no key is reported as left. */
  onDisturbed(isDisturbed: boolean): void {
    this.isDisturbed = isDisturbed;
    for (const view of this.views.values()) view.hold(isDisturbed);
  }

  complete(): void {
    this.isCompleted = true;
    this.completed.next();
  }

  private viewOf(topic: string): TopicView {
    let view = this.views.get(topic);
    if (view === undefined) {
      const ownKeys = () => this.storedKeys(topic);
      const { id, renew, deadline } = this.options;
      // A node notices a loss with its next renewal, and this one by the deadline that the store is away again.
      const repairTime = 1.1 * renew + Math.max(REWRITE_TIME, deadline);
      view = new TopicView(topic, id, ownKeys, repairTime, this.commands, this.clock);
      view.hold(this.isDisturbed);
      this.views.set(topic, view);
    }
    return view;
  }

  private async load(view: TopicView): Promise<void> {
    if (view.isLoaded) return;
    this.watching ??= this.commands.run((session) => session.watch());
    try {
      await this.watching;
    } catch (error) {
      this.watching = undefined;
      throw error;
    }
    await view.load();
  }

  private *storedKeys(topic: string): IterableIterator<string> {
    for (const entry of this.local.entriesOf(topic)) if (entry.stored !== 'absent') yield entry.key;
  }
}

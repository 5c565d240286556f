import { PresenceService, type PresenceStore } from 'nestjs-heartbeat/presence';
import type { HeartbeatClock } from 'nestjs-heartbeat/testing';
import { StartContext } from '../../../src/connections/start.context.js';
import { ClientCloser } from '../../../src/presence/client.closer.js';
import { ClientTracker } from '../../../src/presence/client.tracker.js';
import { DisconnectOrders } from '../../../src/presence/disconnect.orders.js';
import { EntryWriter } from '../../../src/presence/entry.writer.js';
import { LeaseRenewal } from '../../../src/presence/lease.renewal.js';
import { LocalPresence } from '../../../src/presence/local.presence.js';
import { PresenceClock } from '../../../src/presence/presence.clock.js';
import { PresenceLifecycle } from '../../../src/presence/presence.lifecycle.js';
import type { ResolvedPresenceOptions } from '../../../src/presence/presence.options.js';
import { PresenceQueries } from '../../../src/presence/presence.queries.js';
import { StoreCommands } from '../../../src/presence/store.commands.js';
import { TopicChanges } from '../../../src/presence/topic.changes.js';
import { NodeClients } from './node.clients.js';
import { NodeLink } from './node.link.js';
import { ProcessClock } from './process.clock.js';
import { TrackedKeys } from './tracked.keys.js';

type Times = Pick<ResolvedPresenceOptions, 'lease' | 'renew' | 'linger' | 'deadline'>;

/** What a node needs of its surroundings. */
export interface NodeSurroundings {
  readonly id: string;
  readonly store: PresenceStore;
  readonly time: HeartbeatClock;
  readonly times: Times;
  /** The time that the next command, answer or message takes, in ms. */
  readonly latency: () => number;
}

/** A node with the code of presence, without Nest and without sockets. */
export class ModelNode {
  readonly id: string;
  readonly clock: ProcessClock;
  readonly link: NodeLink;
  readonly presence: PresenceService;
  readonly tracked: TrackedKeys;
  private readonly clients: NodeClients;
  private readonly lifecycle: PresenceLifecycle;

  constructor({ id, store, time, times, latency }: NodeSurroundings) {
    this.id = id;
    this.clock = new ProcessClock(time);
    this.link = new NodeLink(store, time, this.clock, latency);
    this.clients = new NodeClients();
    this.tracked = new TrackedKeys();
    const options = { id, store: this.link, ...times };
    const start = new StartContext();
    const clock = new PresenceClock(this.clock, start);
    const clients = this.clients.asMonitored();
    const local = new LocalPresence();
    const commands = new StoreCommands(options, start, clock);
    const writer = new EntryWriter(local, commands, start, clock, options);
    const renewal = new LeaseRenewal(options, writer, commands, start, clock);
    const closer = new ClientCloser(clients, local, writer);
    const tracker = new ClientTracker(clients, local, writer, closer, clock);
    const orders = new DisconnectOrders(options, local, closer, renewal, commands, start, clock);
    const changes = new TopicChanges(options, local, commands, clock);
    const queries = new PresenceQueries(options, local, renewal, changes, commands);
    this.presence = new PresenceService(tracker, queries, orders, changes, renewal);
    this.lifecycle = new PresenceLifecycle(
      clients,
      tracker,
      writer,
      renewal,
      orders,
      changes,
      commands,
    );
    this.lifecycle.onModuleInit();
  }

  /** Tracks a client, which connects if it is not connected. */
  join(slot: number, key: string, options: { topic: string; meta?: unknown }): void {
    if (!this.track(slot, key, options)) throw new Error(`${key} was refused`);
    this.tracked.track(slot, key, options);
  }

  /** Calls `track()` for a client, which connects if it is not connected. */
  track(slot: number, key: string, options: { topic: string; meta?: unknown }): boolean {
    return this.presence.track(this.clients.at(slot), key, options);
  }

  /** Stops tracking a client under a topic, or disconnects it. */
  leave(slot: number, topic?: string): void {
    if (topic === undefined) this.clients.disconnect(slot);
    else this.presence.untrack(this.clients.at(slot), topic);
    this.tracked.untrack(slot, topic);
  }

  /** Shuts down in order. */
  async close(): Promise<void> {
    this.tracked.clear();
    await this.lifecycle.beforeApplicationShutdown();
  }
}

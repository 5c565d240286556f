import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Subscription } from 'rxjs';
import type { HeartbeatEvent } from '../heartbeat.interfaces.js';
import { logger } from '../heartbeat.logger.js';
import { ClientTracker } from './client.tracker.js';
import { DisconnectOrders } from './disconnect.orders.js';
import { EntryWriter } from './entry.writer.js';
import { LeaseRenewal } from './lease.renewal.js';
import { MonitoredClients } from './monitored.clients.js';
import type { PresenceMessage } from './presence.store.js';
import { StoreCommands } from './store.commands.js';
import { TopicChanges } from './topic.changes.js';

/** Starts presence with the application, and ends it once the clients have left. */
@Injectable()
export class PresenceLifecycle
  implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private events: Subscription | undefined;
  private isClosed = false;

  constructor(
    private readonly clients: MonitoredClients,
    private readonly tracker: ClientTracker,
    private readonly writer: EntryWriter,
    private readonly renewal: LeaseRenewal,
    private readonly orders: DisconnectOrders,
    private readonly changes: TopicChanges,
    private readonly commands: StoreCommands,
  ) {}

  onModuleInit(): void {
    this.events = this.clients.events$.subscribe((event) => this.onEvent(event));
    this.commands.open((message) => this.onMessage(message));
    this.writer.observe({
      onStored: (batch) => this.changes.onStored(batch),
      onRewritten: () => this.changes.onRewritten(),
      onWriteFailed: (error) => this.renewal.onWriteFailed(error),
      onWritten: () => this.renewal.onWritten(),
    });
    this.renewal.start({
      onOrders: (orders) => this.orders.carryOut(orders),
      onNodes: (nodes, isSteady, sentAt) => this.changes.onNodes(nodes, isSteady, sentAt),
      onDisturbed: (isDisturbed) => this.changes.onDisturbed(isDisturbed),
    });
  }

  /** Waits until the clients have left, and removes this node from the store before the application closes its driver. */
  async beforeApplicationShutdown(): Promise<void> {
    this.renewal.drain();
    await this.clients.drain();
    await this.close();
  }

  /** For an application whose start failed. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.tracker.stop();
    this.renewal.stop();
    this.writer.stop();
    this.events?.unsubscribe();
    this.changes.complete();
    try {
      await this.commands.close();
    } catch (error) {
      logger.debug(`Presence could not be removed, and ends with its lease: ${String(error)}`);
    }
  }

  private onEvent(event: HeartbeatEvent): void {
    if (event.type === 'disconnected' || event.type === 'unwatched') {
      this.tracker.untrack(event.client);
    } else if (event.type === 'draining') {
      this.renewal.drain();
    }
  }

  private onMessage(message: PresenceMessage): void {
    if (this.isClosed) return;
    if (message.type === 'order') this.orders.carryOut([message.order]);
    else if (message.type === 'acknowledged') {
      this.orders.onAcknowledged(message.order, message.node, message.closed);
    } else this.changes.onMessage(message);
  }
}

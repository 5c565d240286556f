import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import {
  ConnectionObservers,
  type ConnectionObserver,
} from '../connections/connection.observers.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { StartContext } from '../connections/start.context.js';
import { attempt } from '../transport/attempt.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { HEARTBEAT_OPTIONS, LONGEST_TIMER } from '../heartbeat.constants.js';
import type { DrainReport } from '../heartbeat.interfaces.js';
import { logger } from '../heartbeat.logger.js';
import type { DrainOptions, DrainPolicy, ResolvedHeartbeatOptions } from '../heartbeat.options.js';
import { resolveDrain } from '../heartbeat.options.resolver.js';
import { stackOf } from '../heartbeat.text.js';
import { TimeSlice } from './time.slice.js';

/** The window is at most this much for each client. Milliseconds. */
const PER_CLIENT = 50;
/** A close that is later than this is overdue. Milliseconds. */
const BEHIND = 50;
/** How long to wait for the `'close'` of terminated connections. Milliseconds. */
const GRACE = 400;

/**
 * Closes all clients, spread over a window. Closed all at once, they would all reconnect at the same moment.
 */
@Injectable()
export class ConnectionDrain implements ConnectionObserver {
  isDraining = false;

  private report: Promise<DrainReport> | undefined;
  private closed = 0;
  private terminated = 0;
  /** The end of the window, in real time. */
  private end = 0;
  private emptied: (() => void) | undefined;
  /** Runs evictions in the context of the call that drains. Cleared when the drain has ended. */
  private runInCall: (<Result>(act: () => Result) => Result) | undefined;

  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    private readonly connections: ConnectionRegistry,
    private readonly evictor: ConnectionEvictor,
    private readonly events: HeartbeatEvents,
    private readonly context: StartContext,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
    observers: ConnectionObservers,
  ) {
    observers.add(this);
  }

  /** Drains with options over those of the module. Every further call returns the promise of the first. */
  startWith(options: DrainOptions): Promise<DrainReport> {
    return this.start(resolveDrain(options, this.options.drain || undefined));
  }

  /** Drains with the module's options. Also waits for a drain that the application started. */
  async shutDown(): Promise<void> {
    await (this.options.drain ? this.start(this.options.drain) : this.report);
  }

  /** A client that connects during the drain is closed, after `handleConnection()` of the gateway. */
  onConnected(connection: WsConnection): void {
    if (this.isDraining) queueMicrotask(() => this.leave(connection));
  }

  onDisconnected(connection: WsConnection): void {
    if (!this.isDraining) return;
    if (connection.isTerminated) this.terminated++;
    else this.closed++;
  }

  onReleased(): void {
    if (this.connections.size === 0) this.emptied?.();
  }

  /** A client that sends its hello during the drain receives the announcement then. */
  onHello(connection: WsConnection): void {
    if (!this.isDraining) return;
    const rest = Math.max(0, this.end - this.clock.now());
    this.attempt(connection, () => this.announce(connection, rest));
  }

  private start(policy: DrainPolicy): Promise<DrainReport> {
    this.isDraining = true;
    return (this.report ??= this.begin(policy));
  }

  /** The report is kept, and a promise keeps its context, so it is made in the context of the start. */
  private begin(policy: DrainPolicy): Promise<DrainReport> {
    this.runInCall = AsyncLocalStorage.snapshot();
    return this.context.run(async () => {
      try {
        return await this.run(policy);
      } finally {
        this.runInCall = undefined;
      }
    });
  }

  private async run({ within }: DrainPolicy): Promise<DrainReport> {
    const start = this.clock.now();
    this.releaseClosed();
    const clients = [...this.connections.all()];
    const window = Math.min(within, PER_CLIENT * clients.length);
    const event = { type: 'draining', clients: clients.length, within: window } as const;
    this.inCall(() => this.events.emit(() => event));
    if (clients.length > 0) {
      const count = clients.length === 1 ? '1 client' : `${clients.length} clients`;
      logger.log(`Draining ${count} over ${Math.round(window)} ms`);
    }
    const leaving = this.clock.now();
    this.end = leaving + window;
    await this.announceDrain(clients, window);
    await this.closeGradually(clients, leaving, window);
    await this.untilOver(start + within + this.closeTimeout());
    await this.terminateRest();
    this.warnOfPendingHooks();
    return Object.freeze({
      closed: this.closed,
      terminated: this.terminated,
      duration: Math.round(this.clock.now() - start),
    });
  }

  /** The longest of all servers. */
  private closeTimeout(): number {
    const policies = this.connections.servers.all.map(({ monitored }) => monitored.policy);
    return Math.max(0, ...policies.map(({ closeTimeout }) => closeTimeout));
  }

  /** Announces the window to clients that sent a hello. They reconnect without a delay when they are closed. */
  private async announceDrain(clients: readonly WsConnection[], within: number): Promise<void> {
    const slice = new TimeSlice(this.clock);
    for (const connection of clients) {
      if (!connection.answersMessages) continue;
      this.attempt(connection, () => this.announce(connection, within));
      if (slice.isOver()) await slice.next();
    }
  }

  private announce(connection: WsConnection, within: number): void {
    if (!connection.isOpen) return;
    connection.sendFrame({ op: 'drain', after: 0, within: Math.round(within), reason: 'restart' });
  }

  private async closeGradually(
    clients: readonly WsConnection[],
    start: number,
    window: number,
  ): Promise<void> {
    const slot = window / clients.length;
    const slice = new TimeSlice(this.clock);
    let turn = start;
    for (const [index, connection] of clients.entries()) {
      const jitter = (Math.random() - 0.5) / 2;
      const now = this.clock.now();
      // After a stall, overdue clients are closed at twice the planned rate, or at the rate that the window demands.
      if (now - turn > BEHIND) turn = now;
      const gap = Math.min(slot / 2, Math.max(0, this.end - turn) / (clients.length - index));
      turn = Math.max(start + slot * (index + 0.5 + jitter), turn + gap);
      if (turn > now) {
        await this.wait(turn - now);
        slice.restart();
      } else if (slice.isOver(now)) {
        await slice.next();
      }
      this.leave(connection);
    }
  }

  private wait(time: number): Promise<void> {
    return new Promise((resolve) => this.clock.setTimeout(resolve, time));
  }

  private leave(connection: WsConnection): void {
    this.attempt(connection, () => {
      if (connection.isOpen) this.inCall(() => this.evictor.evict(connection, 'drain'));
    });
  }

  /** Waits until no connection is left and all promises of `handleEvict()` are settled, or for the deadline. */
  private async untilOver(deadline: number): Promise<void> {
    const { pendingEvictHooks: hooks } = this.events;
    const isOver = () => this.connections.size === 0 && hooks.count === 0;
    // Another client may connect while the hooks are pending.
    while (!isOver() && this.clock.now() < deadline) {
      const isEmpty = await this.isEmptyWithin(deadline - this.clock.now());
      if (isEmpty) await hooks.wait(deadline - this.clock.now());
    }
  }

  private async terminateRest(): Promise<void> {
    this.releaseClosed();
    for (const connection of this.connections.all()) {
      this.attempt(connection, () => connection.terminate());
    }
    await this.isEmptyWithin(GRACE);
  }

  /** Releases connections that are closed without a `'close'` event. */
  private releaseClosed(): void {
    for (const connection of this.connections.all()) {
      if (connection.isClosed) this.connections.releaseClosed(connection);
    }
  }

  private warnOfPendingHooks(): void {
    const { count } = this.events.pendingEvictHooks;
    if (count === 0) return;
    const which = count === 1 ? 'One promise' : `${count} promises`;
    logger.warn(
      `${which} of handleEvict() did not settle in time. The drain ends without waiting for them. ` +
        'Make the hooks faster, or raise `drain.within`.',
    );
  }

  private inCall(act: () => void): void {
    if (this.runInCall === undefined) act();
    else this.runInCall(act);
  }

  private attempt(connection: WsConnection, operation: () => void): void {
    attempt(operation, (error) =>
      logger.error(`Client ${connection.id} could not be drained`, stackOf(error)),
    );
  }

  private isEmptyWithin(time: number): Promise<boolean> {
    if (this.connections.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.clock.setTimeout(
        () => resolve(false),
        Math.min(Math.max(0, time), LONGEST_TIMER),
      );
      this.emptied = () => {
        this.clock.clear(timer);
        resolve(true);
      };
    });
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger } from '@nestjs/common';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
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
import { LONGEST_TIMER } from '../heartbeat.constants.js';
import type { DrainReport } from '../heartbeat.interfaces.js';
import type { DrainPolicy } from '../heartbeat.options.js';

/** The window in which one client leaves, at least. Milliseconds. */
const PER_CLIENT = 50;
/** How long closing clients may hold a turn of the event loop. Milliseconds. */
const SLICE = 4;
/** From when on clients that did not leave in time are not let go at once. Milliseconds. */
const BEHIND = 50;
/** How long a terminated connection may take to be gone. Milliseconds. */
const GRACE = 400;

/**
 * Lets all clients leave, spread over a window: those who come back at once would otherwise all
 * come back at the same moment, to the same new server.
 */
@Injectable()
export class ConnectionDrain implements ConnectionObserver {
  isDraining = false;

  private readonly logger = new Logger('HeartbeatModule');
  private report: Promise<DrainReport> | undefined;
  private closed = 0;
  private terminated = 0;
  /** Real time at which the last client leaves. */
  private end = 0;
  private emptied: (() => void) | undefined;
  /** Runs what evicts in the context of the call that drains. Forgotten when the drain has ended. */
  private runInCall: (<Result>(act: () => Result) => Result) | undefined;

  constructor(
    private readonly connections: ConnectionRegistry,
    private readonly evictor: ConnectionEvictor,
    private readonly events: HeartbeatEvents,
    private readonly context: StartContext,
    observers: ConnectionObservers,
  ) {
    observers.add(this);
  }

  /** Drains, once: every further call gets the report of the first. */
  start(policy: DrainPolicy): Promise<DrainReport> {
    this.isDraining = true;
    return (this.report ??= this.begin(policy));
  }

  /** The end of the drain that is under way, if one is. */
  async finish(): Promise<void> {
    await this.report;
  }

  /** A client that comes while others leave is turned away, once the gateway has seen it come. */
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

  /** A client that says hello only now is told what is left of the window. */
  onHello(connection: WsConnection): void {
    if (!this.isDraining) return;
    const rest = Math.max(0, this.end - performance.now());
    this.attempt(connection, () => this.announce(connection, rest));
  }

  /** The report is kept for good, so it is made in the context of the start: a promise keeps its context. */
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
    const start = performance.now();
    this.releaseClosed();
    const clients = [...this.connections.all()];
    const window = Math.min(within, PER_CLIENT * clients.length);
    const event = { type: 'draining', clients: clients.length, within: window } as const;
    this.inCall(() => this.events.emit(() => event));
    if (clients.length > 0) {
      const who = clients.length === 1 ? 'one client' : `${clients.length} clients`;
      this.logger.log(`Draining ${who} over ${Math.round(window)} ms`);
    }
    const leaving = performance.now();
    this.end = leaving + window;
    await this.announceDrain(clients, window);
    await this.closeGradually(clients, leaving, window);
    await this.untilOver(start + within + this.closeTimeout());
    await this.terminateRest();
    this.warnOfPendingHooks();
    return Object.freeze({
      closed: this.closed,
      terminated: this.terminated,
      duration: Math.round(performance.now() - start),
    });
  }

  /** The longest of all servers. */
  private closeTimeout(): number {
    const policies = this.connections.servers.map(({ monitored }) => monitored.policy);
    return Math.max(0, ...policies.map(({ closeTimeout }) => closeTimeout));
  }

  /** Tells those who understand when they will be closed, so that they come back at once then. */
  private async announceDrain(clients: readonly WsConnection[], within: number): Promise<void> {
    let turnEnds = performance.now() + SLICE;
    for (const connection of clients) {
      if (!connection.record.pings.answersMessages) continue;
      this.attempt(connection, () => this.announce(connection, within));
      if (performance.now() < turnEnds) continue;
      await nextTurn();
      turnEnds = performance.now() + SLICE;
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
    let turnEnds = performance.now() + SLICE;
    let turn = start;
    for (const [index, connection] of clients.entries()) {
      const jitter = (Math.random() - 0.5) / 2;
      const now = performance.now();
      // Whoever could not leave in time, because this process did not run, follows twice as fast as planned,
      // or as fast as the window demands: not all at once.
      if (now - turn > BEHIND) turn = now;
      const gap = Math.min(slot / 2, Math.max(0, this.end - turn) / (clients.length - index));
      turn = Math.max(start + slot * (index + 0.5 + jitter), turn + gap);
      if (turn > now) await delay(turn - now);
      else if (now > turnEnds) await nextTurn();
      if (performance.now() > turnEnds) turnEnds = performance.now() + SLICE;
      this.leave(connection);
    }
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
    // While the hooks are waited for, another client may come.
    while (!isOver() && performance.now() < deadline) {
      const isEmpty = await this.isEmptyWithin(deadline - performance.now());
      if (isEmpty) await hooks.wait(deadline - performance.now());
    }
  }

  private async terminateRest(): Promise<void> {
    this.releaseClosed();
    for (const connection of this.connections.all()) {
      this.attempt(connection, () => connection.terminate());
    }
    await this.isEmptyWithin(GRACE);
  }

  /** A connection whose end was not heard is not waited for. */
  private releaseClosed(): void {
    for (const connection of this.connections.all()) {
      if (connection.isClosed) this.connections.releaseClosed(connection);
    }
  }

  private warnOfPendingHooks(): void {
    const { count } = this.events.pendingEvictHooks;
    if (count === 0) return;
    const which = count === 1 ? 'One promise' : `${count} promises`;
    this.logger.warn(
      `${which} of handleEvict() did not settle in time: the drain ends without waiting any longer. ` +
        'Make the hooks faster, or raise `drain.within`.',
    );
  }

  private inCall(act: () => void): void {
    if (this.runInCall === undefined) act();
    else this.runInCall(act);
  }

  private attempt(connection: WsConnection, operation: () => void): void {
    attempt(operation, (error) =>
      this.logger.error(
        `Client ${connection.id} could not be drained`,
        error instanceof Error ? error.stack : String(error),
      ),
    );
  }

  private isEmptyWithin(time: number): Promise<boolean> {
    if (this.connections.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.min(Math.max(0, time), LONGEST_TIMER));
      this.emptied = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

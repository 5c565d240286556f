import { Injectable, Logger } from '@nestjs/common';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionTracker, type ConnectionObserver } from '../connections/connection.tracker.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { HeartbeatMessages } from '../connections/heartbeat.messages.js';
import type { WsConnection } from '../gateway/ws.connection.js';
import { CLOSE_TIMEOUT } from '../heartbeat.constants.js';
import type { DrainReport } from '../heartbeat.interfaces.js';
import type { DrainPolicy } from '../heartbeat.options.js';

/** The window in which one client leaves, at least. Milliseconds. */
const PER_CLIENT = 50;
/** How long closing clients may hold a turn of the event loop. Milliseconds. */
const SLICE = 4;
/** From when on clients that did not leave in time are not let go at once. Milliseconds. */
const BEHIND = 50;
/** How long after the last close frame's deadline whoever is left is cut off. Milliseconds. */
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

  constructor(
    private readonly tracker: ConnectionTracker,
    private readonly evictor: ConnectionEvictor,
    private readonly events: HeartbeatEvents,
    messages: HeartbeatMessages,
  ) {
    tracker.observe(this);
    messages.greeted = (connection) => this.greeted(connection);
  }

  /** Drains, once: every further call gets the report of the first. */
  start(policy: DrainPolicy): Promise<DrainReport> {
    this.isDraining = true;
    return (this.report ??= this.run(policy));
  }

  /** The end of the drain that is under way, if one is. */
  async finish(): Promise<void> {
    await this.report;
  }

  /** A client that comes while others leave is turned away, once the gateway has seen it come. */
  connected(connection: WsConnection): void {
    if (this.isDraining) queueMicrotask(() => this.leave(connection));
  }

  disconnected(connection: WsConnection): void {
    if (!this.isDraining) return;
    if (connection.isTerminated) this.terminated++;
    else this.closed++;
    if (this.tracker.size === 0) this.emptied?.();
  }

  /** A client that says hello only now is told what is left of the window. */
  private greeted(connection: WsConnection): void {
    if (this.isDraining) this.announce(connection, Math.max(0, this.end - performance.now()));
  }

  private async run({ within }: DrainPolicy): Promise<DrainReport> {
    const start = performance.now();
    const clients = [...this.tracker.all()];
    const window = Math.min(within, PER_CLIENT * clients.length);
    this.events.emit(() => ({ type: 'draining', clients: clients.length, within: window }));
    if (clients.length > 0) {
      const who = clients.length === 1 ? 'one client' : `${clients.length} clients`;
      this.logger.log(`Draining ${who} over ${Math.round(window)} ms`);
    }
    const leaving = performance.now();
    this.end = leaving + window;
    await this.forewarn(clients, window);
    await this.letLeave(clients, leaving, window);
    await this.untilEmpty(leaving + window + CLOSE_TIMEOUT + GRACE - performance.now());
    return Object.freeze({
      closed: this.closed,
      terminated: this.terminated,
      duration: Math.round(performance.now() - start),
    });
  }

  /** Tells those who understand when they will be closed, so that they come back at once then. */
  private async forewarn(clients: readonly WsConnection[], within: number): Promise<void> {
    let turnEnds = performance.now() + SLICE;
    for (const connection of clients) {
      if (!connection.answersMessages) continue;
      this.announce(connection, within);
      if (performance.now() < turnEnds) continue;
      await nextTurn();
      turnEnds = performance.now() + SLICE;
    }
  }

  private announce(connection: WsConnection, within: number): void {
    if (!connection.isOpen) return;
    connection.tell({ op: 'drain', after: 0, within: Math.round(within), reason: 'restart' });
  }

  private async letLeave(
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
    if (connection.isOpen) this.evictor.evict(connection, 'drain');
  }

  /** Waits until nobody is left, but at most so long; then cuts off whoever is. */
  private async untilEmpty(atMost: number): Promise<void> {
    if (!(await this.isEmptyWithin(atMost))) {
      for (const connection of this.tracker.all()) connection.terminate();
      await this.isEmptyWithin(GRACE);
    }
  }

  private isEmptyWithin(time: number): Promise<boolean> {
    if (this.tracker.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, time));
      this.emptied = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

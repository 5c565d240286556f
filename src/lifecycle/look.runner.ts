import { Injectable, Logger } from '@nestjs/common';
import { ConnectionTracker } from '../connections/connection.tracker.js';
import { ConnectionEvictor, type EvictionReason } from '../connections/connection.evictor.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { RoundTrips } from '../connections/round-trips.js';
import { snapshotOf } from '../connections/liveness.snapshot.js';
import type { WsConnection } from '../gateway/ws.connection.js';
import { Decision, VERDICTS } from '../monitor/decision.js';
import { LivenessMonitor } from '../monitor/liveness.monitor.js';

/** How long looks may hold a turn of the event loop, in ms. What is left goes on in the next turn. */
const SLICE = 4;
/** How long before the end of its lifetime a client that understands is told of it, at most. Milliseconds. */
const NOTICE = 10_000;
/** Looks between two readings of the time. */
const BATCH = 16;

/** Looks at the connections that are due and does what the monitor decides. */
@Injectable()
export class LookRunner {
  suppressed = 0;

  private readonly logger = new Logger('HeartbeatModule');
  private turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly monitor: LivenessMonitor<WsConnection>,
    private readonly roundTrips: RoundTrips,
    private readonly evictor: ConnectionEvictor,
    private readonly tracker: ConnectionTracker,
    private readonly events: HeartbeatEvents,
  ) {}

  /**
   * Looks in the check phase of this turn of the loop. It comes after the poll phase, so that all that
   * the kernel held when the tick fired has been read before anybody is judged.
   */
  schedule(): void {
    this.turn ??= setImmediate(() => this.run());
  }

  stop(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
  }

  private run(): void {
    this.turn = undefined;
    const start = performance.now();
    const end = start + SLICE;
    let looks = 0;
    this.monitor.reach(start);
    for (let connection = this.monitor.due(); connection; connection = this.monitor.due()) {
      this.look(connection);
      if (++looks % BATCH !== 0) continue;
      const now = performance.now();
      if (now >= end) return this.schedule();
      this.monitor.reach(now);
    }
    this.evictor.log.flush(performance.now());
  }

  private look(connection: WsConnection): void {
    try {
      const decision = this.monitor.look(connection);
      if (decision !== Decision.None) this.act(connection, decision);
    } catch (error) {
      this.logger.error('A look failed', error instanceof Error ? error.stack : String(error));
    }
  }

  private act(connection: WsConnection, decision: number): void {
    if (decision & Decision.Suppressed) this.suppressed++;
    if (decision & Decision.Recovered) this.tell(connection, 'recovered', 'handleRecover');
    if (decision & Decision.Suspect) this.tell(connection, 'suspect', 'handleSuspect');
    if (decision & VERDICTS && !this.forewarn(connection, decision)) {
      this.evictor.sentence(connection, reasonOf(decision));
    }
    // A hook may have blocked: the peer has its time to answer from here on.
    if (decision & (Decision.Ask | Decision.Ping)) this.monitor.reach(performance.now());
    if (decision & Decision.Ask && connection.isOpen) this.roundTrips.ask(connection);
    if (decision & Decision.Ping && connection.isOpen) this.roundTrips.ping(connection);
    if (decision & Decision.Terminate) connection.terminate();
    if (decision & Decision.Release) this.tracker.releaseClosed(connection);
  }

  /** A client that understands is told of the end of its lifetime a while before. Returns whether it was. */
  private forewarn(connection: WsConnection, decision: number): boolean {
    const { answersMessages, policy, putOff } = connection;
    if (!(decision & Decision.Expired) || !answersMessages || policy.observeOnly || putOff > 0) {
      return false;
    }
    connection.tell({ op: 'drain', after: 0, within: NOTICE, reason: 'lifetime' });
    // A look comes up to a tick after it was due, and the close must not come later than announced.
    this.monitor.putOff(connection, Math.random() * (NOTICE - 2 * this.monitor.tick));
    return true;
  }

  private tell(
    connection: WsConnection,
    type: 'suspect' | 'recovered',
    hook: 'handleSuspect' | 'handleRecover',
  ): void {
    const { client } = connection;
    this.events.emit(() => ({ type, client, liveness: snapshotOf(connection, this.monitor) }));
    this.events.call(connection, hook, () => snapshotOf(connection, this.monitor));
  }
}

function reasonOf(decision: number): EvictionReason {
  if (decision & Decision.Mute) return 'mute';
  if (decision & Decision.Unresponsive) return 'unresponsive';
  if (decision & Decision.Unadmitted) return 'unadmitted';
  if (decision & Decision.Expired) return 'expired';
  if (decision & Decision.SlowConsumer) return 'slow-consumer';
  return 'idle';
}

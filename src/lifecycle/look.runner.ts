import { Injectable, Logger } from '@nestjs/common';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionTracker } from '../connections/connection.tracker.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { snapshotOf } from '../connections/liveness.snapshot.js';
import type { WsConnection } from '../gateway/ws.connection.js';
import type { EvictionCause } from '../heartbeat.interfaces.js';
import { Decision, VERDICTS } from '../monitor/decision.js';
import { LivenessMonitor } from '../monitor/liveness.monitor.js';

/** How long looks may hold a turn of the event loop, in ms. What is left goes on in the next turn. */
const SLICE = 4;
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
    private readonly tracker: ConnectionTracker,
    private readonly evictor: ConnectionEvictor,
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
    const end = performance.now() + SLICE;
    let looks = 0;
    for (let connection = this.monitor.due(); connection; connection = this.monitor.due()) {
      this.look(connection);
      if (++looks % BATCH === 0 && performance.now() >= end) return this.schedule();
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
    if (decision & VERDICTS) this.carryOut(connection, causeOf(decision));
    if (decision & Decision.Ping && connection.isOpen) this.tracker.ping(connection);
    if (decision & Decision.Terminate) connection.terminate();
  }

  private carryOut(connection: WsConnection, cause: EvictionCause): void {
    if (connection.policy.observeOnly) this.evictor.observe(connection, cause);
    else this.evictor.evict(connection, cause);
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

function causeOf(decision: number): EvictionCause {
  if (decision & Decision.Unresponsive) return 'unresponsive';
  if (decision & Decision.Unadmitted) return 'unadmitted';
  if (decision & Decision.Expired) return 'expired';
  return 'idle';
}

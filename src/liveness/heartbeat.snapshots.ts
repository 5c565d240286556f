import { Injectable } from '@nestjs/common';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { stateOf } from '../connections/liveness.snapshot.js';
import { FailureDetector } from '../detector/failure-detector.js';
import type { HeartbeatSnapshot, ServerSnapshot } from '../heartbeat.snapshot.interfaces.js';
import { ConnectionChecker } from '../lifecycle/connection.checker.js';
import { ConnectionDrain } from '../lifecycle/connection.drain.js';
import { HeartbeatScheduler } from '../lifecycle/heartbeat.scheduler.js';
import type { WsConnection } from '../transport/ws.connection.js';

/** `LivenessService.snapshot()`: collects the counters of the whole module. */
@Injectable()
export class HeartbeatSnapshots {
  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly connections: ConnectionRegistry,
    private readonly evictor: ConnectionEvictor,
    private readonly checker: ConnectionChecker,
    private readonly scheduler: HeartbeatScheduler,
    private readonly drain: ConnectionDrain,
  ) {}

  take(): HeartbeatSnapshot {
    const { clock, tick } = this.detector;
    return Object.freeze({
      at: Date.now(),
      tick,
      loopDelay: clock.delay,
      lastTickAt: this.scheduler.lastTickAt,
      draining: this.drain.isDraining,
      totals: Object.freeze({
        ...this.connections.totals,
        suppressed: this.checker.suppressed,
        stalls: clock.stalls,
        evicted: Object.freeze({ ...this.evictor.counts }),
      }),
      servers: Object.freeze(this.servers()),
    });
  }

  private servers(): ServerSnapshot[] {
    const byServer = new Map(
      this.connections.servers.map(({ name, monitored }) => [
        monitored,
        { name, counts: { alive: 0, suspect: 0, evicted: 0, closed: 0 } },
      ]),
    );
    for (const connection of this.connections.all()) {
      const server = byServer.get(connection.server);
      if (server !== undefined) server.counts[stateOf(connection)]++;
    }
    return [...byServer].map(([{ names: gateways, policy }, { name, counts }]) => {
      const { alive, suspect, evicted } = counts;
      return Object.freeze({ name, gateways, policy, alive, suspect, evicted });
    });
  }
}

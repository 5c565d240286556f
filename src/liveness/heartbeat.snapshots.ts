import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { ConnectionCounters } from '../connections/connection.counters.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { RoundTrips } from '../connections/round-trips.js';
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
    private readonly counters: ConnectionCounters,
    private readonly roundTrips: RoundTrips,
    private readonly checker: ConnectionChecker,
    private readonly scheduler: HeartbeatScheduler,
    private readonly drain: ConnectionDrain,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  take(): HeartbeatSnapshot {
    const { clock, tick } = this.detector;
    const { connected, disconnected, closedBy, evicted, dryRun } = this.counters;
    return Object.freeze({
      at: this.clock.wallTime(),
      tick,
      loopDelay: clock.delay,
      lastTickAt: this.scheduler.lastTickAt,
      draining: this.drain.isDraining,
      totals: Object.freeze({
        connected,
        disconnected,
        closedBy: Object.freeze({ ...closedBy }),
        pings: this.roundTrips.pings,
        suppressed: this.checker.suppressed,
        stalls: clock.stalls,
        stalledFor: clock.stalledFor,
        evicted: Object.freeze({ ...evicted }),
        dryRun: Object.freeze({ ...dryRun }),
      }),
      roundTrips: this.roundTrips.buckets.snapshot(),
      servers: Object.freeze(this.servers()),
    });
  }

  private servers(): ServerSnapshot[] {
    return this.connections.servers.all.map(({ name, monitored }) => {
      const { names: gateways, policy } = monitored;
      return Object.freeze({ name, gateways, policy, ...this.counters.statesOf(monitored) });
    });
  }
}

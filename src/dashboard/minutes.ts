import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { ConnectionObservers } from '../connections/connection.observers.js';
import type { ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import { LivenessService } from '../liveness/liveness.service.js';
import { ClosingAges } from './closing.ages.js';
import type { ClosingAgeCounts, DashboardMinute } from './dashboard.interfaces.js';
import { minuteBetween } from './minute.js';

const MINUTE = 60_000;
/** Complete minutes that are kept. */
const KEPT = 60;

/** The last hour, by minutes. Reads the counters once a minute; between two readings it counts closes by their age. */
@Injectable()
export class DashboardMinutes implements OnModuleInit, OnApplicationShutdown {
  private readonly complete: DashboardMinute[] = [];
  private readonly closingAges = new ClosingAges(KEPT);
  private readonly unsubscribe: () => void;
  /** The reading at the begin of the current minute. None in the first, because the counters begin at 0. */
  private begin: HeartbeatSnapshot | undefined;
  private beganAt: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly liveness: LivenessService,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
    observers: ConnectionObservers,
  ) {
    this.beganAt = clock.wallTime();
    this.unsubscribe = observers.add(this);
  }

  get ages(): ClosingAgeCounts {
    return this.closingAges.counts();
  }

  onModuleInit(): void {
    this.beganAt = this.clock.wallTime();
    this.timer = this.clock.setInterval(() => this.next(), MINUTE).unref();
  }

  onApplicationShutdown(): void {
    this.clock.clear(this.timer);
    this.unsubscribe();
  }

  onClosed({ connectedAt, closedAt }: ClosedConnection): void {
    this.closingAges.add(closedAt - connectedAt);
  }

  /** The complete minutes and the current one, the oldest first. */
  until(now: HeartbeatSnapshot): DashboardMinute[] {
    return [...this.complete, minuteBetween(this.beganAt, this.begin, now)];
  }

  /** Completes the current minute and begins the next. */
  next(): void {
    const now = this.liveness.snapshot();
    this.complete.push(minuteBetween(this.beganAt, this.begin, now));
    if (this.complete.length > KEPT) this.complete.shift();
    this.closingAges.next();
    this.begin = now;
    this.beganAt = now.at;
  }
}

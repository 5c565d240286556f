import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { StartContext } from '../connections/start.context.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { TICK_NAME } from '../heartbeat.constants.js';
import { logger } from '../heartbeat.logger.js';
import { stackOf } from '../heartbeat.text.js';
import { FailureDetector } from '../detector/failure-detector.js';
import type { DetectorPolicy } from '../detector/detector.policy.js';
import { ConnectionChecker } from './connection.checker.js';
import type { IntervalRegistry } from './interval.registry.js';

/** The one tick of the application: an interval, listed in the application's `SchedulerRegistry` if it has one. */
@Injectable()
export class HeartbeatScheduler {
  /** Time of the last tick, epoch ms; before the first, the time of the start. */
  lastTickAt = 0;

  private timer: NodeJS.Timeout | undefined;
  private registry: IntervalRegistry | undefined;
  private name: string = TICK_NAME;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly checker: ConnectionChecker,
    private readonly events: HeartbeatEvents,
    private readonly context: StartContext,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {}

  start(registry: IntervalRegistry | undefined): void {
    this.registry = registry;
    this.lastTickAt = this.clock.wallTime();
    this.restart();
  }

  /** Shortens the tick to what a policy needs. The tick never becomes longer. */
  fit(policy: DetectorPolicy): void {
    if (policy.tick >= this.detector.tick) return;
    this.detector.changeTick(policy.tick);
    if (this.timer !== undefined) this.restart();
  }

  /** Removes the interval from the registry, which deletes all its intervals at shutdown, and goes on ticking. */
  leaveRegistry(): void {
    if (this.timer === undefined) return;
    this.clear();
    this.registry = undefined;
    this.restart();
  }

  stop(): void {
    this.clear();
    this.checker.stop();
  }

  private restart(): void {
    this.clear();
    this.detector.skip(this.clock.now());
    // A tick, and all that it causes, runs in the context in which its timer was created.
    this.timer = this.context
      .run(() => this.clock.setInterval(() => this.tick(), this.detector.tick))
      .unref();
    if (this.registry === undefined) return;
    for (let count = 2; this.registry.doesExist('interval', this.name); count++)
      this.name = `${TICK_NAME}-${count}`;
    this.registry.addInterval(this.name, this.timer);
  }

  private clear(): void {
    if (this.timer === undefined) return;
    this.clock.clear(this.timer);
    if (this.registry?.doesExist('interval', this.name)) this.registry.deleteInterval(this.name);
    this.timer = undefined;
  }

  private tick(): void {
    this.lastTickAt = this.clock.wallTime();
    try {
      const duration = this.detector.advance(this.clock.now());
      if (duration > 0) this.events.emit(() => ({ type: 'stalled', duration }));
      this.checker.schedule();
    } catch (error) {
      logger.error('Tick failed', stackOf(error));
    }
  }
}

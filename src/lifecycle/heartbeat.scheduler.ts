import { Injectable, Logger } from '@nestjs/common';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { StartContext } from '../connections/start.context.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { TICK_NAME } from '../heartbeat.constants.js';
import { FailureDetector } from '../detector/failure-detector.js';
import type { DetectorPolicy } from '../detector/detector.policy.js';
import { ConnectionChecker } from './connection.checker.js';
import type { IntervalRegistry } from './interval.registry.js';

/** The one tick of the application: an interval, in the application's registry where it has one. */
@Injectable()
export class HeartbeatScheduler {
  /** When the last tick was, epoch ms; before the first, when the ticks started. */
  lastTickAt = 0;

  private readonly logger = new Logger('HeartbeatModule');
  private timer: NodeJS.Timeout | undefined;
  private registry: IntervalRegistry | undefined;
  private name: string = TICK_NAME;

  constructor(
    private readonly detector: FailureDetector<WsConnection>,
    private readonly looks: ConnectionChecker,
    private readonly events: HeartbeatEvents,
    private readonly context: StartContext,
  ) {}

  start(registry: IntervalRegistry | undefined): void {
    this.registry = registry;
    this.lastTickAt = Date.now();
    this.restart();
  }

  /** Makes the tick as short as a policy needs. It never becomes longer again. */
  fit(policy: DetectorPolicy): void {
    if (policy.tick >= this.detector.tick) return;
    this.detector.changeTick(policy.tick);
    if (this.timer !== undefined) this.restart();
  }

  /** Takes the interval out of the registry, which forgets all of its own at shutdown, and ticks on. */
  leaveRegistry(): void {
    if (this.timer === undefined) return;
    this.clear();
    this.registry = undefined;
    this.restart();
  }

  stop(): void {
    this.clear();
    this.looks.stop();
  }

  private restart(): void {
    this.clear();
    this.detector.skip(performance.now());
    // All that a tick causes runs in the context in which its timer was made.
    this.timer = this.context.run(() => setInterval(() => this.tick(), this.detector.tick)).unref();
    if (this.registry === undefined) return;
    for (let count = 2; this.registry.doesExist('interval', this.name); count++)
      this.name = `${TICK_NAME}-${count}`;
    this.registry.addInterval(this.name, this.timer);
  }

  private clear(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    if (this.registry?.doesExist('interval', this.name)) this.registry.deleteInterval(this.name);
    this.timer = undefined;
  }

  private tick(): void {
    this.lastTickAt = Date.now();
    try {
      const duration = this.detector.advance(performance.now());
      if (duration > 0) this.events.emit(() => ({ type: 'stalled', duration }));
      this.looks.schedule();
    } catch (error) {
      this.logger.error('A tick failed', error instanceof Error ? error.stack : String(error));
    }
  }
}
